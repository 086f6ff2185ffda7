"""What Prometheus and Grafana are told: names that the service has, alerts that fire when due."""

import json
import re
import shutil
import subprocess

import pytest
import yaml

from churnlab.serving.observing import Metrics
from churnlab.serving.routes import predict
from stages.studies import REPOSITORY

CONFIGURED = REPOSITORY / "deploy/prometheus"
RULES = [
    rule
    for group in yaml.safe_load((CONFIGURED / "rules.yml").read_text())["groups"]
    for rule in group["rules"]
]
ALERTS = {rule["alert"] for rule in RULES if "alert" in rule}
RECORDED = {rule["record"] for rule in RULES if "record" in rule}
DASHBOARD = json.loads((REPOSITORY / "deploy/grafana/dashboards/churnlab.json").read_text())
PANELS = DASHBOARD["panels"]
CASES = ("rules.test.yml", "scores.test.yml")
OF_PROMETHEUS = {"instance", "job", "le"}
MEASURE = re.compile(r'(?<![\w:"])(churnlab_\w+)(?:\{((?:[^{}"]|"[^"]*")*)\})?')


def expressions():
    shown = [target["expr"] for panel in PANELS for target in panel["targets"]]
    chosen = [variable["query"] for variable in DASHBOARD["templating"]["list"]]
    return [rule["expr"] for rule in RULES] + shown + chosen


def exposed():
    """Return the labels of every measure by the names under which Prometheus keeps it."""
    families = [value for value in vars(Metrics()).values() if hasattr(value, "describe")]
    suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"], "gauge": [""]}
    return {
        family.describe()[0].name + suffix: set(family._labelnames)
        for family in families
        for suffix in suffixes[family.describe()[0].type]
    }


def promtool(*arguments):
    binary = shutil.which("promtool")
    if binary is None:
        pytest.skip("there is no `promtool` on the path; Debian's package prometheus has it")
    done = subprocess.run(
        [binary, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_rules_and_dashboard_name_only_what_the_service_measures():
    known, scoring = exposed(), {predict.ROUTE.path}
    used = [found for text in expressions() for found in MEASURE.findall(text)]
    assert len(used) > 20
    for name, selector in used:
        assert name in known, name
        labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", re.sub(r'"[^"]*"', "", selector)))
        assert labels <= known[name] | OF_PROMETHEUS, (name, labels)
        assert set(re.findall(r'route="([^"]*)"', selector)) <= scoring


def test_codes_in_rules_are_codes_of_answers():
    sources = "".join(p.read_text() for p in (REPOSITORY / "src/churnlab/serving").rglob("*.py"))
    codes = {code for text in expressions() for code in re.findall(r'code="(\w+)"', text)}
    assert codes
    assert all(f'"{code}"' in sources for code in codes)


def test_what_the_rules_record_is_what_others_read():
    read = {name for text in expressions() for name in re.findall(r"\w+:\w+:\w+", text)}
    assert read == RECORDED


def test_every_measure_of_the_service_is_shown_or_watched():
    used = {name for text in expressions() for name, _ in MEASURE.findall(text)}
    of_measure = {re.sub("_(bucket|sum|count)$", "", name) for name in used}
    assert {re.sub("_(bucket|sum|count)$", "", name) for name in exposed()} == of_measure


def test_panels_lie_side_by_side_and_read_the_provisioned_source():
    (source,) = yaml.safe_load(
        (REPOSITORY / "deploy/grafana/provisioning/datasources/prometheus.yml").read_text()
    )["datasources"]
    cells = [
        (x, y)
        for panel in PANELS
        for at in [panel["gridPos"]]
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(cells) == len(set(cells)) and max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    assert {panel["datasource"]["uid"] for panel in PANELS} == {source["uid"]}
    assert all(panel["title"] and panel["description"] for panel in PANELS)


def test_configuration_and_rules_are_valid():
    promtool("check", "config", "--syntax-only", CONFIGURED / "prometheus.yml")
    promtool("check", "rules", "--lint-fatal", CONFIGURED / "rules.yml")


@pytest.mark.parametrize("name", CASES)
def test_alerts_fire_when_they_should_and_not_before(name):
    promtool("test", "rules", REPOSITORY / "tests/deploy" / name)


def test_every_alert_has_a_case_in_which_it_fires_and_words_on_what_to_do():
    fires = {
        case["alertname"]
        for name in CASES
        for test in yaml.safe_load((REPOSITORY / "tests/deploy" / name).read_text())["tests"]
        for case in test["alert_rule_test"]
        if case["exp_alerts"]
    }
    assert fires == ALERTS
    explained = re.findall(r"^\| `(Churnlab\w+)` \|", read_guide(), re.MULTILINE)
    assert set(explained) == ALERTS and len(explained) == len(ALERTS)


def read_guide():
    return (REPOSITORY / "docs/deploy.md").read_text(encoding="utf-8")
