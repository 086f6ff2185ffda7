"""A version follows from the commit: the same definitions the same one, another one another."""

import json
from dataclasses import asdict

import pytest
import yaml

from churnlab.config.store_params import StoreStudy
from churnlab.errors import ChurnlabError
from churnlab.event_features.definitions import Feature
from churnlab.store.document import read_document
from churnlab.store.versions import code_hash, version
from churnlab.store.views import event_views
from store.served import MARKET, STUDIES, context

SETTINGS = {
    "source": "features",
    "entity": "seller",
    "ids": "published",
    "owner": "us",
    "freshness_days": 45,
}
SALES = Feature("sales_orders_7d", "sales", "7d", "orders", "Orders in the last 7 days", "zero")
RHYTHM = Feature("rhythm_gap", "rhythm", "now", "days", "Mean gap", "missing")


def views(features=(SALES, RHYTHM), decides=None, **settings):
    chosen = StoreStudy(**{**SETTINGS, **settings})
    made = event_views("olist", features, ["sales_orders_7d"], chosen, decides or {"code": "1"})
    return {view.name: view for view in made}


def test_the_same_definitions_have_the_same_version():
    assert views() == views()


@pytest.mark.parametrize(
    "changed",
    [
        {"features": (Feature(**{**asdict(SALES), "unit": "items"}), RHYTHM)},
        {"features": (Feature(**{**asdict(SALES), "empty": "missing"}), RHYTHM)},
        {"decides": {"code": "2"}},
        {"entity": "shop"},
        {"freshness_days": 30},
    ],
    ids=["unit", "empty", "code", "entity", "freshness"],
)
def test_a_changed_definition_has_another_version(changed):
    assert views(**changed)["olist_sales"].version != views()["olist_sales"].version


def test_only_the_view_whose_feature_changed_has_another_version():
    other = views((Feature(**{**asdict(SALES), "unit": "items"}), RHYTHM))

    assert other["olist_rhythm"].version == views()["olist_rhythm"].version


def test_who_owns_a_view_does_not_change_its_version():
    mine = views(owner="somebody else")["olist_sales"]

    assert mine.owner == "somebody else"
    assert mine.version == views()["olist_sales"].version


def test_a_view_can_have_an_owner_and_a_freshness_of_its_own():
    own = {"rhythm": {"owner": "them", "freshness_days": 7}}
    made = views(views=own)

    assert (made["olist_rhythm"].owner, made["olist_rhythm"].freshness_days) == ("them", 7)
    assert (made["olist_sales"].owner, made["olist_sales"].freshness_days) == ("us", 45)


def test_an_unknown_view_is_told_with_the_nearest_right_one():
    with pytest.raises(ChurnlabError, match="unknown view 'rythm'; did you mean 'rhythm'"):
        views(views={"rythm": {"owner": "them"}})


def test_only_views_that_models_see_go_online():
    assert [view.name for view in views().values() if view.online] == ["olist_sales"]


def test_a_version_does_not_depend_on_the_order_of_keys():
    assert version({"a": 1, "b": [2, None]}) == version({"b": [2, None], "a": 1})


def test_the_hash_of_code_changes_with_a_file_but_not_with_line_ends(tmp_path, monkeypatch):
    package = tmp_path / "tiny_package_of_a_test"
    package.mkdir()
    (package / "__init__.py").write_bytes(b"")
    module = package / "sums.py"
    module.write_bytes(b"x = 1\ny = 2\n")
    monkeypatch.syspath_prepend(tmp_path)
    first = code_hash([package.name])

    module.write_bytes(b"x = 1\r\ny = 2\r\n")
    assert code_hash([package.name]) == first
    module.write_bytes(b"x = 1\ny = 3\n")
    assert code_hash([package.name]) != first


@pytest.mark.slow
@pytest.mark.parametrize("study", STUDIES)
def test_the_stage_writes_the_same_bytes_again(root, study):
    from churnlab.stages import store

    paths = context(root, study).paths
    before = [file.read_bytes() for file in (paths.store_rows, paths.store_views)]
    store.run(context(root, study))

    assert [file.read_bytes() for file in (paths.store_rows, paths.store_views)] == before


@pytest.mark.slow
def test_every_view_has_owner_description_version_freshness_and_fields_with_units(root):
    document = read_document(context(root, MARKET).paths.store_views, MARKET)

    assert {"market_sales", "market_rhythm", "market_products"} <= {v.name for v in document.views}
    for view in document.views:
        assert view.owner == "marketplace"
        assert view.description
        assert len(view.version) == 12
        assert view.freshness_days == 45
        assert all(field.unit and field.description and field.privacy for field in view.fields)


@pytest.mark.slow
def test_views_of_customers_are_apart_by_privacy(root):
    document = read_document(context(root, "bank").paths.store_views, "bank")
    privacy = {view.name: {field.privacy for field in view.fields} for view in document.views}

    assert privacy == {
        "bank_behaviour": {"behavioural"},
        "bank_profile": {"quasi-identifier"},
    }


@pytest.mark.slow
def test_a_changed_catalog_or_day_changes_the_versions_of_customers(root):
    from churnlab.stages import store

    before = read_document(context(root, "bank").paths.store_views, "bank").versions
    file = root / "params.yaml"
    params = yaml.safe_load(file.read_text())
    params["store"]["studies"]["bank"]["as_of"] = "2023-02-01"
    file.write_text(yaml.safe_dump(params, sort_keys=False))
    store.run(context(root, "bank"))
    dated = read_document(context(root, "bank").paths.store_views, "bank").versions
    assert not set(before.values()) & set(dated.values())

    catalog = root / "data/catalog/bank.yaml"
    changed = yaml.safe_load(catalog.read_text())
    changed["columns"]["Balance"]["unit"] = "pounds"
    catalog.write_text(yaml.safe_dump(changed, sort_keys=False))
    store.run(context(root, "bank"))
    after = json.loads(context(root, "bank").paths.store_views.read_text())
    assert not set(dated.values()) & {view["version"] for view in after["views"]}
