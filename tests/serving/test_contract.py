"""The service against requests that nobody wrote: no server error in ten thousand."""

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serving.server import keys_of, serving
from serving.shop import ROWS, deploy

pytestmark = pytest.mark.slow
SCORING = {
    "/v1/shop/predict": 2000,
    "/v1/{study}/customers/{customer}": 300,
    "/v1/{study}/model": 200,
}
OPERATING = {
    "/v1/{study}/promote": 200,
    "/v1/{study}/rollback": 200,
    "/v1/{study}/pin": 150,
    "/v1/{study}/unpin": 150,
    "/v1/{study}/history": 100,
}
HYPOTHESIS_CASES = 7000
CHECKS = ",".join(
    (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    )
)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """A service of its own, without a limit of requests, and a key of every role."""
    home = tmp_path_factory.mktemp("contract")
    deploy(home, home / "shop")
    keys = keys_of(home)
    with serving(home, home / "log", rate=10**9) as server:
        yield server, keys


def requests_by_status(server, keys):
    """Return how many requests were answered with each status."""
    headers = {"X-API-Key": keys["operator"]}
    text = httpx.get(f"{server.url}/metrics", headers=headers).text
    found = re.findall(r'churnlab_requests_total\{.*status="(\d+)"\} (\S+)', text)
    totals = {}
    for status, count in found:
        totals[status] = totals.get(status, 0) + int(float(count))
    return totals


@pytest.mark.parametrize(
    ("role", "path", "cases"),
    [
        *(("scorer", path, cases) for path, cases in SCORING.items()),
        *(("operator", path, cases) for path, cases in OPERATING.items()),
    ],
)
def test_schemathesis_finds_no_server_error(service, tmp_path, role, path, cases):
    server, keys = service
    before = sum(requests_by_status(server, keys).values())
    program = Path(sys.executable).with_name("st")
    command = [program, "run", f"{server.url}/openapi.json", "--include-path", path]
    options = ["--phases", "fuzzing", "--max-examples", str(cases), "--checks", CHECKS]
    header = ["--header", f"Authorization: Bearer {keys[role]}", "--generation-database", "none"]
    done = subprocess.run(
        [*command, *options, *header], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert sum(requests_by_status(server, keys).values()) - before >= 0.9 * cases


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
values = st.sampled_from([value for row in ROWS for value in row.values()]) | anything
names = st.sampled_from([*ROWS[0], "id"]) | st.text(max_size=8)
rows = st.fixed_dictionaries(dict.fromkeys(ROWS[0], values)) | st.dictionaries(names, values)
bodies = st.one_of(
    st.fixed_dictionaries({"rows": st.lists(rows, max_size=4)}, optional={"reasons": anything}),
    st.fixed_dictionaries({"columns": st.dictionaries(names, st.lists(values, max_size=3))}),
    anything,
)
types = st.sampled_from(["application/json", "text/csv", "application/vnd.apache.arrow.stream"])


def test_hypothesis_finds_no_server_error(service):
    server, keys = service
    seen = []
    with httpx.Client(base_url=server.url, headers={"X-API-Key": keys["scorer"]}) as client:

        def ask(**options):
            status = client.post("/v1/shop/predict", **options).status_code
            seen.append(status)
            assert status < 500

        relaxed = settings(
            max_examples=HYPOTHESIS_CASES // 2,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )

        @relaxed
        @given(bodies)
        def of_json(body):
            ask(json=body)

        @relaxed
        @given(st.binary(max_size=300), types)
        def of_bytes(body, kind):
            ask(content=body, headers={"Content-Type": kind})

        of_json()
        of_bytes()
    assert {200, 400, 422} <= set(seen)
    assert len(seen) >= HYPOTHESIS_CASES


def test_no_case_was_a_server_error_and_there_were_ten_thousand(service):
    server, keys = service
    totals = requests_by_status(server, keys)
    assert sum(totals.values()) >= 10_000
    assert not [status for status in totals if status.startswith("5")]
