"""What people read where the service itself fails."""

import httpx

from serving.pages.conftest import said, sign_in
from serving.server import keys_of, serving
from serving.shop import deploy, publish


def test_a_page_that_fails_is_a_page_and_the_log_says_where(tmp_path):
    home = tmp_path / "home"
    lists = publish(home, deploy(home, tmp_path / "export"))
    for name in lists:
        (home / "lists" / "shop" / f"{name.id}.parquet").write_bytes(b"torn")
    keys = keys_of(home)
    with serving(home, tmp_path / "log") as server:
        with httpx.Client(base_url=server.url, headers={"Accept-Language": "es"}) as browser:
            sign_in(browser, keys["analyst"])
            answer = browser.get("/app/studies/shop")
        assert answer.status_code == 500
        assert answer.headers["content-type"].startswith("text/html")
        assert "El servicio falló" in said(answer)
        assert "ArrowInvalid at " in server.said()
        headers = {"X-API-Key": keys["analyst"]}
        assert httpx.get(f"{server.url}/v1/shop/model", headers=headers).status_code == 200
