"""What the image holds: the lock of the service, the package as a wheel, nothing that trains."""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from churnlab.deployments import Deployments
from deploy.conftest import uv
from serving.server import serving
from serving.shop import ROWS, probability
from stages.studies import REPOSITORY

pytestmark = pytest.mark.slow

TRAINING = {
    *("pandas", "scikit-learn", "scipy", "tensorflow", "tensorflow-cpu", "keras", "xgboost"),
    *("xgboost-cpu", "lightgbm", "catboost", "dvc", "mlflow", "mlflow-skinny", "onnx", "shap"),
    *("joblib", "optuna", "duckdb", "feast"),
}


def run(environment, *arguments, cwd):
    return subprocess.run(
        [str(environment.churnlab), *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


def size(root):
    return sum(path.stat().st_size for path in root.rglob("*") if path.is_file())


def test_nothing_that_trains_is_installed(serving_environment):
    told = uv("pip", "list", "--python", serving_environment.python, "--format", "json")
    installed = {package["name"] for package in json.loads(told)}
    assert not installed & TRAINING
    assert {"churnlab", "onnxruntime", "uvicorn"} <= installed


def test_the_command_of_that_environment_starts_and_scores_rows(serving_environment, shop):
    home, keys = shop
    program = (str(serving_environment.churnlab),)
    with serving(home, home / "log", workers=2, program=program) as server:
        assert httpx.get(f"{server.url}/health").json() == {"status": "ok"}
        answer = httpx.post(
            f"{server.url}/v1/shop/predict",
            json={"rows": ROWS, "reasons": 2},
            headers={"X-API-Key": keys["scorer"]},
        )
        assert server.stop() == 0
    assert answer.status_code == 200, answer.text
    told = [one["p"] for one in answer.json()["predictions"]]
    assert told == pytest.approx([probability(row) for row in ROWS], abs=1e-6)
    version = Deployments(home / "deployments").current("shop").version
    assert answer.headers["x-model-version"] == version


def test_keys_are_drawn_there_too(serving_environment, tmp_path):
    home = ("--home", str(tmp_path / "home"))
    drawn = run(
        serving_environment,
        "keys",
        "create",
        "prometheus",
        "--role",
        "operator",
        *home,
        cwd=tmp_path,
    )
    # The key alone is printed: it is sent into a file.
    assert drawn.returncode == 0 and drawn.stdout.strip().startswith("clk_")
    assert len(drawn.stdout.split()) == 1
    assert "prometheus" in run(serving_environment, "keys", "list", *home, cwd=tmp_path).stdout


def test_a_command_that_needs_more_says_what_to_install(serving_environment, tmp_path):
    done = run(serving_environment, "publish", "telecom", cwd=tmp_path)
    assert done.returncode == 1
    assert "is not installed" in done.stderr and "requirements.txt" in done.stderr
    assert "Traceback" not in done.stderr


def test_every_file_of_the_package_is_in_the_wheel(serving_environment):
    source, installed = REPOSITORY / "src" / "churnlab", serving_environment.packages / "churnlab"
    files = [path.relative_to(source) for path in source.rglob("*") if path.is_file()]
    files = [path for path in files if "__pycache__" not in path.parts]
    assert any(path.suffix != ".py" for path in files)
    missing = [str(p) for p in files if not (installed / p).is_file()]
    assert missing == [], "declare them under [tool.setuptools.package-data] of pyproject.toml"
    # Installed, not linked to these sources.
    told = "import churnlab; print(churnlab.__file__)"
    command = [str(serving_environment.python), "-c", told]
    where = subprocess.run(command, cwd="/", capture_output=True, text=True, check=True).stdout
    assert Path(where.strip()).is_relative_to(serving_environment.root)


def test_it_is_a_fraction_of_the_environment_of_development(serving_environment, record_property):
    serve, development = size(serving_environment.root), size(Path(sys.prefix))
    record_property("serving_environment_megabytes", round(serve / 1e6))
    record_property("development_environment_megabytes", round(development / 1e6))
    sys.stderr.write(f"service {serve / 1e6:.0f} MB, development {development / 1e6:.0f} MB\n")
    assert serve < development / 4


def test_the_health_check_of_the_image_asks_the_service(serving_environment, shop):
    home, _ = shop
    check = [str(serving_environment.python), str(REPOSITORY / "deploy/healthcheck.py")]
    with serving(home, home / "log") as server:
        asked = [*check, str(server.port)]
        assert subprocess.run(asked, check=False).returncode == 0
    gone = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert gone.returncode == 1
    assert f"127.0.0.1:{server.port}/health" in gone.stderr


def test_the_health_check_asks_over_https_where_the_service_has_a_certificate(shop):
    home, _ = shop
    files = {"tls_certificate": home / "cert.pem", "tls_key": home / "key.pem"}
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    out = ["-keyout", str(files["tls_key"]), "-out", str(files["tls_certificate"])]
    subprocess.run(
        [*command, "-subj", "/CN=churn.example.org", *out], check=True, capture_output=True
    )
    unverified = {"verify": False}
    with serving(home, home / "log", scheme="https", options=unverified, **files) as server:
        check = [sys.executable, str(REPOSITORY / "deploy/healthcheck.py"), str(server.port)]
        variables = {**os.environ, "CHURNLAB_TLS_CERTIFICATE": str(files["tls_certificate"])}
        assert subprocess.run(check, env=variables, check=False).returncode == 0
