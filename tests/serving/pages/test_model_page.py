"""The model's page, and what operators change from it."""

import httpx
import pytest

from serving.pages.conftest import said, sign_in, token
from serving.server import keys_of, serving
from serving.shop import WORDS, deploy

PATH = "/app/studies/shop/model"
WHY = "scores look wrong since noon"


def test_metrics_have_their_intervals_and_the_threshold_its_reason(browse):
    words = said(browse("analyst").get(PATH))
    assert "ROC AUC 0.800 0.760 to 0.840 0.790 0.770 to 0.810" in words
    assert "Log loss (less is better) 0.412 0.420" in words
    assert "40.0%" in words
    assert "Why this one: chosen by hand" in words


def test_every_picture_has_a_name_a_description_and_its_numbers_as_a_table(browse):
    text = browse("analyst").get(PATH).text
    pictures = text.split('<svg class="plot"')[1:]
    assert len(pictures) == 3
    for picture in pictures:
        drawn, after = picture.split("</svg>", 1)
        assert 'role="img"' in drawn
        assert "<title" in drawn
        assert "<desc" in drawn
        assert "<details>" in after
    words = said(browse("analyst").get(PATH))
    assert "Left 70 50" in words
    assert "Stayed 40 340" in words
    assert "25.0% 28.0% 150" in words


def test_columns_are_told_with_what_they_may_be(browse):
    words = said(browse("analyst").get(PATH))
    assert "calls Calls to the service a whole number from 0 to 50 1" in words
    assert "plan Plan one of the list: basic, plus" in words
    assert "Spent (BRL) Spent in the month a number of at least 0, or nothing 80.5" in words


@pytest.fixture
def two(tmp_path):
    """A service with two versions, the second in service, and an operator who is signed in."""
    first = deploy(tmp_path, tmp_path / "first", weight=0.1)
    second = deploy(tmp_path, tmp_path / "second")
    keys = keys_of(tmp_path)
    with (
        serving(tmp_path, tmp_path / "log") as server,
        httpx.Client(base_url=server.url, timeout=30) as client,
    ):
        sign_in(client, keys["operator"])
        yield client, first, second


def test_an_operator_rolls_back_pins_and_unpins_and_the_history_says_who_and_why(two):
    client, first, second = two

    def send(do, **fields):
        sent = {"form_token": token(client.get(PATH)), "why": WHY, **fields}
        return client.post(f"{PATH}/{do}", data=sent)

    assert f"Version {second}" in said(client.get(PATH))
    answer = send("roll-back")
    assert answer.status_code == 303
    words = said(client.get(answer.headers["location"]))
    assert f"Version {first} answers now." in words
    assert f"Roll back {second} {first} test operator {WHY}" in words
    refused = send("roll-back")
    assert refused.status_code == 409
    assert "there is none to roll back to" in said(refused)
    assert send("pin").headers["location"] == f"{PATH}?done=pin"
    assert "pinned" in said(client.get(PATH))
    assert send("roll-back", version=second).status_code == 303
    assert send("unpin").status_code == 303
    changes = said(client.get(PATH)).split("Versions so far")[1].split("Change what answers")[0]
    order = ["Take the pin off", "Roll back", "Pin ", "Roll back", "Promote", "Promote"]
    places = [changes.find(word) for word in order]
    assert -1 not in places
    assert client.get(f"{PATH}?done=pin").status_code == 200


def test_an_operator_rolls_back_from_the_page_of_a_version_that_could_not_be_loaded(tmp_path):
    first = deploy(tmp_path, tmp_path / "first", weight=0.1)
    second = deploy(tmp_path, tmp_path / "second")
    (tmp_path / "deployments/shop/versions" / second / "model.onnx").write_bytes(b"altered")
    keys = keys_of(tmp_path)
    with (
        serving(tmp_path, tmp_path / "log", path="/health") as server,
        httpx.Client(base_url=server.url, timeout=30) as client,
    ):
        sign_in(client, keys["operator"])
        start = client.get("/app/")
        assert f'href="{PATH}"' in start.text
        assert "No version is in service yet" not in said(start)
        shown = client.get(PATH)
        assert shown.status_code == 503
        assert f"Version {second} is in service and could not be loaded here" in said(shown)
        sent = {"form_token": token(shown), "why": "too short"}
        refused = client.post(f"{PATH}/roll-back", data=sent)
        assert "The reason needs 10 to 500 characters" in said(refused)
        answer = client.post(f"{PATH}/roll-back", data={**sent, "why": WHY})
        assert answer.status_code == 303
        assert f"Version {first} answers now." in said(client.get(answer.headers["location"]))
        assert client.get(PATH.replace("shop", "other")).status_code == 404


def test_the_page_offers_no_version_that_has_never_been_in_service(tmp_path):
    first = deploy(tmp_path, tmp_path / "first", weight=0.1)
    for folder, weight in (("second", 0.2), ("third", 0.3)):
        deploy(tmp_path, tmp_path / folder, weight)
    refused = deploy(tmp_path, tmp_path / "refused", weight=0.4, promote=False)
    keys = keys_of(tmp_path)
    with (
        serving(tmp_path, tmp_path / "log") as server,
        httpx.Client(base_url=server.url, timeout=30) as client,
    ):
        sign_in(client, keys["operator"])
        shown = client.get(PATH)
        assert f'<option value="{first}">' in shown.text
        assert refused not in shown.text
        sent = {"form_token": token(shown), "why": WHY, "version": refused}
        answer = client.post(f"{PATH}/roll-back", data=sent)
    assert answer.status_code == 409
    assert f"{refused} has never been in service" in said(answer)


@pytest.mark.parametrize("why", ["", "too short", " " * 20, "x" * 501])
def test_a_reason_that_says_too_little_or_too_much_changes_nothing(two, why):
    client, _, second = two
    sent = {"form_token": token(client.get(PATH)), "why": why}
    answer = client.post(f"{PATH}/roll-back", data=sent)
    assert answer.status_code == 409
    assert "The reason needs 10 to 500 characters" in said(answer)
    assert f"Version {second}" in said(answer)


def test_a_change_without_the_token_of_its_session_is_not_made(two):
    client, _, second = two
    answer = client.post(f"{PATH}/roll-back", data={"why": WHY})
    assert answer.status_code == 403
    assert f"Version {second}" in said(client.get(PATH))


def test_a_version_that_is_not_here_and_an_unknown_change_are_refused(two):
    client, _, second = two
    for do, version in (("roll-back", "0" * 12), ("roll-back", "../x"), ("promote", "")):
        sent = {"form_token": token(client.get(PATH)), "why": WHY, "version": version}
        assert client.post(f"{PATH}/{do}", data=sent).status_code in (404, 409)
    assert f"Version {second}" in said(client.get(PATH))


def test_what_a_version_was_published_without_is_left_out_with_a_note(tmp_path):
    words = {name: value for name, value in WORDS.items() if name not in ("curves", "intervals")}
    deploy(tmp_path, tmp_path / "shop", words=words)
    keys = keys_of(tmp_path)
    with (
        serving(tmp_path, tmp_path / "log") as server,
        httpx.Client(base_url=server.url, timeout=30) as client,
    ):
        sign_in(client, keys["analyst"])
        found = said(client.get(PATH))
    assert found.count("This version was published without it.") == 4
    assert "ROC AUC 0.800 0.790" in found
