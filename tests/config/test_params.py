"""params.yaml: what is right is read, and what is wrong is named."""

import copy
import shutil

import pytest
import yaml

from churnlab.config import load_params
from churnlab.errors import ChurnlabError


@pytest.fixture
def written(repo_root, tmp_path):
    """A copy of the project's parameters with one value changed, written to a file."""
    shutil.copytree(repo_root / "data" / "catalog", tmp_path / "data" / "catalog")
    document = yaml.safe_load((repo_root / "params.yaml").read_text())

    def write(path, value):
        changed = copy.deepcopy(document)
        *parents, last = path.split(".")
        section = changed
        for key in parents:
            section = section[key]
        if value is None:
            del section[last]
        else:
            section[last] = value
        file = tmp_path / "params.yaml"
        file.write_text(yaml.safe_dump(changed, sort_keys=False))
        return file

    return write


def test_params_yaml_is_written_as_the_yaml_library_prints_it(repo_root):
    text = (repo_root / "params.yaml").read_text()

    assert yaml.safe_dump(yaml.safe_load(text), sort_keys=False) == text


def test_params_yaml_of_the_project_is_valid(params):
    assert set(params.studies) >= {"telecom", "bank"}
    assert params.split.mode("telecom") == "published"
    assert all(name in params.tune.space for name in params.models)


def test_a_study_that_params_yaml_does_not_mention_is_split_at_random_with_all_its_features(params):
    assert params.split.mode("unmentioned") == "random"
    assert params.variant("unmentioned") == "engineered"


def test_whole_numbers_of_a_search_space_stay_whole(params):
    low = params.tune.space["rf"]["n_estimators"]["low"]

    assert isinstance(low, int)


def test_the_most_folds_are_those_of_the_stage_that_cuts_the_finest(written):
    assert load_params(written("tune.folds", 17)).most_folds == 17
    assert load_params(written("protocols.folds", 23)).most_folds == 23


def test_the_parameters_cannot_be_changed_after_reading(params):
    with pytest.raises(ValueError, match="frozen"):
        params.seed = 7


@pytest.mark.parametrize(
    ("path", "value", "key", "remedy"),
    [
        ("tuen", {}, "tuen", "did you mean 'tune'?"),
        ("tune.fold", 3, "tune.fold", "did you mean 'folds'?"),
        ("split.test_shar", 0.3, "test_shar", "did you mean 'test_share'?"),
        ("split.telecon", "random", "telecon", "did you mean 'telecom'?"),
        ("split.telecom", "publishd", "split.telecom: 'publishd'", "did you mean 'published'?"),
        ("split.test_share", 1.5, "split.test_share: 1.5", "less than 1"),
        ("split.test_share", 0, "split.test_share: 0", "greater than 0"),
        ("features.bank", "engineerd", "features.bank: 'engineerd'", "'engineered'"),
        ("features.bnk", "all", "features: unknown study 'bnk'", "did you mean 'bank'?"),
        ("tune.objective", "logloss", "tune.objective: 'logloss'", "did you mean 'log_loss'?"),
        ("cross_validate.folds", -5, "cross_validate.folds: -5", "equal to 2"),
        ("threads", 1.5, "threads: 1.5", "whole number"),
        ("seed", True, "seed: True", "whole number"),
        ("seed", "42", "seed: '42'", "write 42"),
        ("compare.alpha", "5e-2", "compare.alpha: '5e-2'", "write 0.05"),
        ("compare.primary", "auc", "compare.primary: 'auc'", "did you mean 'roc_auc'?"),
        ("blend.calibration", "plat", "blend.calibration: 'plat'", "did you mean 'platt'?"),
        ("studies", ["telecon"], "studies: unknown study 'telecon'", "did you mean 'telecom'?"),
        ("studies", [], "studies: []", "at least one"),
        ("studies", ["bank", "bank"], "studies: 'bank'", "list it once"),
        ("studies", "bank", "studies: 'bank'", "write a list"),
        ("models", ["rf", "xbg"], "models: 'xbg'", "did you mean 'xgb'"),
        ("models", ["r f"], "models: 'r f'", "letters"),
        ("protocols.model", "rff", "protocols.model: unknown model 'rff'", "did you mean 'rf'?"),
        ("errors.learning_fractions", [0.5, 1.5], "errors.learning_fractions.1: 1.5", "1"),
        ("evaluate", [1], "evaluate: [1]", "keys and values"),
        ("seed", None, "seed", "the key is missing"),
        ("tune.folds", None, "tune.folds", "the key is missing"),
    ],
)
def test_a_mistake_is_told_with_file_key_value_and_remedy(written, path, value, key, remedy):
    file = written(path, value)

    with pytest.raises(ChurnlabError) as error:
        load_params(file)

    message = str(error.value)
    assert message.startswith(f"{file}: ")
    assert key in message
    assert remedy in message


def test_all_mistakes_are_told_at_once(written):
    file = written("seed", -1)
    file.write_text(file.read_text().replace("confidence: 0.95", "confidense: 95"))

    with pytest.raises(ChurnlabError, match="3 mistakes") as error:
        load_params(file)

    assert "seed: -1" in str(error.value)
    assert "evaluate.confidence: the key is missing" in str(error.value)
    assert "did you mean 'confidence'?" in str(error.value)


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("store.onlin", "sqlite", "store.onlin: unknown key; did you mean 'online'?"),
        ("store.studies.bank.ownr", "us", "unknown key; did you mean 'owner'?"),
        ("store.studies.bnk", {}, "store.studies.bnk"),
        ("store.studies.bank.ids", "pseudonym", "did you mean 'pseudonyms'?"),
        ("store.studies.bank.as_of", None, "add as_of"),
        ("store.studies.olist.as_of", "2018-01-01", "remove as_of"),
        ("store.studies.olist.source", "prepared", "add as_of"),
        ("store.studies.olist.freshness_days", 0, "freshness_days: 0 is not allowed"),
        ("store.online", "mysql://host", "neither sqlite nor an address"),
        ("store.online", "redis://me" + ":secret@host", "CHURNLAB_ONLINE_STORE"),
    ],
)
def test_mistakes_of_the_feature_store_are_told_with_what_to_write(written, path, value, told):
    with pytest.raises(ChurnlabError) as error:
        load_params(written(path, value))
    assert told in str(error.value)


def test_the_source_of_a_served_study_is_that_of_its_kind(written):
    table = {"source": "prepared", "entity": "seller", "ids": "published", "owner": "us"}
    wrong = {**table, "freshness_days": 45, "as_of": "2018-01-01"}
    with pytest.raises(ChurnlabError, match="the study is one of events; write features"):
        load_params(written("store.studies.olist", wrong))
    with pytest.raises(ChurnlabError, match="unknown study 'bnk'; did you mean 'bank'"):
        load_params(written("store.studies.bnk", wrong))
