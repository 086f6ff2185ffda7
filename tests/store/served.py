"""A repository whose three studies are made for the store: real stages on small data."""

import os
import socket
import subprocess
import time
from datetime import date
from importlib import import_module
from pathlib import Path

import pandas as pd
import yaml

from churnlab.commands.simulate import Format, simulate
from churnlab.config import load_params
from churnlab.paths import StudyPaths
from churnlab.stages.context import StudyContext
from churnlab.store.served import ServedStudy
from stages.studies import REPOSITORY, make_repository

MARKET = "market"
STUDIES = (MARKET, "telecom", "bank")
TRAIN = ["2017-05-01", "2017-06-01", "2017-07-01"]
TEST = ["2017-09-01", "2017-10-01"]
SCORED = "2017-11-15"
FRESH = 45
KEY = "k" * 32
ENVIRONMENT = {"CHURNLAB_PSEUDONYM_KEY": KEY}
STAGES = {MARKET: ("ingest", "events", "features", "assemble", "store")}
TABLE_STAGES = ("ingest", "prepare", "store")


def make_served_repository(root):
    """Lay out the repository and run the stages up to `store`."""
    make_repository(root, link_code=True)
    file = root / "params.yaml"
    params = yaml.safe_load(file.read_text())
    published = yaml.safe_load((REPOSITORY / "params.yaml").read_text())
    dates = {"train": TRAIN, "test": TEST, "score": SCORED}
    params["events"] = {MARKET: {**published["events"]["olist"], "reference_dates": dates}}
    params.update(studies=list(STUDIES), table_studies=["telecom", "bank"], event_studies=[MARKET])
    params["store"] = {
        "studies": {
            MARKET: {
                "source": "features",
                "entity": "seller",
                "ids": "published",
                "owner": "marketplace",
                "freshness_days": FRESH,
            },
            **{name: published["store"]["studies"][name] for name in ("telecom", "bank")},
        }
    }
    file.write_text(yaml.safe_dump(params, sort_keys=False))
    before = Path.cwd()
    os.chdir(root)
    try:
        simulate("olist", 250, 12, root / "simulated", 3, None, Format.parquet, MARKET)
        for study in STUDIES:
            for stage in STAGES.get(study, TABLE_STAGES):
                import_module(f"churnlab.stages.{stage}").run(context(root, study))
    finally:
        os.chdir(before)
    return root


def context(root, study):
    return StudyContext.load(root, study, load_params(root / "params.yaml"))


def served(root, study, **variables):
    """The study in the repository; `variables` are those of the environment."""
    params = load_params(root / "params.yaml")
    environment = {**ENVIRONMENT, **variables}
    return ServedStudy.load(StudyPaths(root, study), params.store.online, environment)


def as_served(study, ids):
    """The ids under which a study serves these ids of its data."""
    key = study.key()
    return list(ids) if key is None else key.pseudonyms(study.document.study, map(str, ids))


def online_values(study, ids, as_of=None):
    """What the online store says, one row per id, as the inputs are typed."""
    inputs = list(study.document.inputs)
    rows = pd.DataFrame(
        [vars(answer)["values"] for answer in study.lookup(ids, as_of)], columns=inputs
    )
    types = {f.name: f.type for view in study.document.views for f in view.fields}
    return rows.astype({n: "float64" if types[n] == "float64" else "object" for n in inputs})


def day(text):
    return date.fromisoformat(text)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class RedisServer:
    """A real server on the loopback, in memory alone, that asks for a password."""

    password = "pass,word=1e5"

    def __init__(self, binary, folder):
        self.port = free_port()
        options = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder))
        command = [binary, "--port", str(self.port), *options, "--requirepass", self.password]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self._wait()

    @property
    def url(self):
        return f"redis://:pass%2Cword%3D1e5@127.0.0.1:{self.port}/0"

    def client(self):
        import redis

        return redis.Redis(host="127.0.0.1", port=self.port, password=self.password)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)

    def _wait(self):
        import redis

        for _ in range(100):
            try:
                return self.client().ping()
            except redis.ConnectionError:
                time.sleep(0.1)
        raise TimeoutError("redis-server does not answer")
