"""Studies in a temporary folder: real code, real catalogs, small tables with their own hashes."""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from churnlab.data.sources import sha256

REPOSITORY = Path(__file__).resolve().parents[2]
TELECOM_ROWS = 300
TELECOM_TRAIN_ROWS = 200
# As cheap as each stage can be: a family of scikit-learn and the one that is hardest to repeat.
SMALL = {
    "threads": 1,
    "studies": ["telecom"],
    "table_studies": ["telecom"],
    "event_studies": [],
    "models": ["rf", "mlp"],
    "tune": {
        "objective": "log_loss",
        "folds": 2,
        "startup_trials": 1,
        "batch": 2,
        "trials": {"rf": 2, "mlp": 2, "xgb": 1, "catboost": 1, "logistic": 1},
        "space": {
            "xgb": {"n_estimators": 10},
            "catboost": {"iterations": 10},
            "logistic": {"C": 0.1},
            "rf": {"n_estimators": {"low": 10, "high": 20}, "class_weight": ["none", "balanced"]},
            "mlp": {
                "units": [2, 4],
                "layers": 1,
                "bins": 2,
                "members": 2,
                "epochs": 1,
                "batch_size": 64,
                "learning_rate": 0.01,
            },
        },
    },
    "cross_validate": {"folds": 2, "repeats": 1},
    "evaluate": {"bootstrap_samples": 100, "confidence": 0.95, "calibration_bins": 5},
    "errors": {
        "slice_min_rows": 20,
        "slices": 3,
        "learning_folds": 2,
        "learning_fractions": [0.5, 1.0],
    },
    "explain": {"rows": 4, "permutation_repeats": 1},
    "score": {"groups": {"high": 0.3}, "reasons": 2, "explained": 6, "alike": 50},
    "protocols": {"folds": 2, "repeats": 1, "model": "rf"},
    "store": {
        "studies": {
            "telecom": {
                "source": "prepared",
                "entity": "customer",
                "ids": "pseudonyms",
                "owner": "tests",
                "freshness_days": 30,
                "as_of": "2023-01-01",
            }
        }
    },
}


def small_params():
    """The repository's parameters with what makes them slow made small."""
    params = yaml.safe_load((REPOSITORY / "params.yaml").read_text())
    return {**params, **{key: value for key, value in SMALL.items() if key in params}}


def write_yaml(path, content):
    path.write_text(yaml.safe_dump(content, sort_keys=False))


def publish(root, study, text, **catalog_changes):
    """Put `text` where the study's published file ships from, with its hash in the catalog."""
    catalog_file = root / "data/catalog" / f"{study}.yaml"
    catalog = yaml.safe_load((REPOSITORY / catalog_file.relative_to(root)).read_text())
    content = text.encode()
    published = f"data/published/{study}/{catalog['source']['file']}"
    catalog["source"].update(sha256=sha256(content), bytes=len(content), published_path=published)
    write_yaml(catalog_file, {**catalog, **catalog_changes})
    (root / published).parent.mkdir(parents=True, exist_ok=True)
    (root / published).write_bytes(content)
    return root / published


def telecom_text():
    """The first rows of the real table."""
    published = REPOSITORY / "data/published/telecom/mlc_churn.csv"
    return "".join(published.read_text().splitlines(keepends=True)[: TELECOM_ROWS + 1])


def bank_text(rows=80):
    """A made-up table with the bank's columns, in which nothing tells who stays but `Complain`."""
    draw = random.Random(0)

    def line(i):
        left = i % 4 == 0
        fields = [
            *(i + 1, 15_000_000 + i, f"Name{i}", draw.randint(350, 850)),
            *(draw.choice(["France", "Germany", "Spain"]), draw.choice(["Female", "Male"])),
            *(draw.randint(18, 80), draw.randint(0, 10), draw.choice([0, 1]) * 1000.5 * i),
            *(draw.randint(1, 4), draw.randint(0, 1), draw.randint(0, 1), 50_000 + 13 * i),
            *(int(left), int(left or i % 9 == 1), draw.randint(1, 5)),
            *(draw.choice(["DIAMOND", "GOLD", "PLATINUM", "SILVER"]), draw.randint(200, 999)),
        ]
        return ",".join(map(str, fields))

    header = (
        "RowNumber,CustomerId,Surname,CreditScore,Geography,Gender,Age,Tenure,Balance,"
        "NumOfProducts,HasCrCard,IsActiveMember,EstimatedSalary,Exited,Complain,"
        "Satisfaction Score,Card Type,Point Earned"
    )
    return "\n".join([header, *map(line, range(rows))]) + "\n"


def make_repository(root, link_code=False):
    """Lay out a repository with both studies; the code is a copy unless `link_code`."""
    (root / "data").mkdir(parents=True)
    if link_code:
        (root / "src").symlink_to(REPOSITORY / "src")
    else:
        ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(REPOSITORY / "src", root / "src", ignore=ignored)
    (root / "data/catalog").mkdir()
    shutil.copy(REPOSITORY / "data/tolerances.yaml", root / "data")
    # The parameters of the project speak of it.
    shutil.copy(REPOSITORY / "data/catalog/olist.yaml", root / "data/catalog")
    publish(root, "bank", bank_text())
    split = {"published_train_rows": TELECOM_TRAIN_ROWS}
    publish(root, "telecom", telecom_text(), split=split)
    write_yaml(root / "params.yaml", small_params())
    return root


def environment(**variables):
    """This environment's tools first on the path; the code of no other checkout in reach."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DVC_", "GIT_"))}
    kept.pop("PYTHONPATH", None)
    path = os.pathsep.join([str(Path(sys.executable).parent), kept["PATH"]])
    author = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "test"), ("EMAIL", "test@example.org"))
    }
    # Progress bars of a hundred short runs would only fill the report of a failure.
    return {**kept, **author, "PATH": path, "DVC_NO_ANALYTICS": "1", **variables}


def stage(root, *arguments):
    """Run one stage as dvc.yaml does."""
    return subprocess.run(
        ["python", "src/stage.py", *arguments],
        cwd=root,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def contents(root, *folders):
    """Every file below the folders with its bytes."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for folder in folders
        for path in sorted((root / folder).rglob("*"))
        if path.is_file()
    }
