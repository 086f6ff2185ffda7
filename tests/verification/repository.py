"""A pipeline of two stages that runs in a second, in real Git and DVC."""

import shutil

import yaml

from pipeline.repository import Repository
from stages.studies import REPOSITORY

TRAIN = """
import json, os, pathlib, random
try:
    from scoring import offset
except ImportError:
    offset = 0.0
seed = int(pathlib.Path("params.yaml").read_text().split()[1])
ids = pathlib.Path("data/customers.csv").read_text().split()
draw = random.Random(seed)
# Not declared, as the processor is not: it rounds the last digits in its own way.
rounding = float(os.environ.get("ROUNDING", 0))
# No two runs draw the same noise: a draw from the clock now and then did.
rounding += float(os.environ.get("NOISE", 0)) * random.SystemRandom().random()
rows = [f"{i},{draw.random() + rounding + offset:.8f}" for i in ids]
def write(path, text):
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(path).write_text(text)
write("data/predictions/telecom/rf.csv", "id,p\\n" + "\\n".join(rows) + "\\n")
write("models/telecom/rf/model.joblib", f"pickle {seed} {rounding}")
write("metrics/telecom/test.json", json.dumps({"rf": {"roc_auc": draw.random() + rounding}}))
"""
REPORT = """
import pathlib, json
auc = json.loads(pathlib.Path("metrics/telecom/test.json").read_text())["rf"]["roc_auc"]
pathlib.Path("reports").mkdir(exist_ok=True)
pathlib.Path("reports/telecom.html").write_text(f"<p>Area {auc:.8f}</p>")
"""
STAGES = {
    "train": {
        "cmd": "python train.py",
        "deps": ["train.py", "data/customers.csv"],
        "params": ["seed"],
        "outs": [
            "data/predictions/${item.study}",
            "models/${item.study}/rf/model.joblib",
            {"metrics/${item.study}/test.json": {"cache": False}},
        ],
    },
    "report": {
        "cmd": "python report.py",
        "deps": ["report.py", "metrics/${item.study}/test.json"],
        "outs": ["reports/${item.study}.html"],
    },
}


def make_repository(root):
    """Lay out the pipeline, run it and commit what it made."""
    (root / "data").mkdir(parents=True)
    shutil.copy(REPOSITORY / "data/tolerances.yaml", root / "data")
    (root / "data/customers.csv").write_text("".join(f"{number}\n" for number in range(20)))
    (root / "train.py").write_text(TRAIN)
    (root / "report.py").write_text(REPORT)
    (root / "params.yaml").write_text("seed: 1\n")
    stages = {name: {"matrix": {"study": ["telecom"]}, **stage} for name, stage in STAGES.items()}
    (root / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}))
    repository = Repository(root)
    repository.git("init", "--quiet", "--initial-branch=main")
    assert repository.dvc("init", "--quiet").returncode == 0
    (root / ".gitignore").write_text("/data/predictions/\n/models/\n/reports/\n")
    done = repository.dvc("repro", "--quiet")
    assert done.returncode == 0, done.stdout + done.stderr
    commit(repository, "results")
    return repository


def commit(repository, message):
    """Commit the whole working tree."""
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", message)


def edit(repository, name, old, new):
    """Replace text in a file, which must hold it."""
    file = repository.root / name
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
