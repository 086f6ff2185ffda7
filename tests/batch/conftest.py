import pytest

from batch.bundles import DAY, GROUPS, small_bundle
from churnlab.batch.scorer import Scorer
from servers.postgres import postgres

__all__ = ["postgres"]


@pytest.fixture(scope="session")
def scorer(tmp_path_factory):
    return Scorer(small_bundle(tmp_path_factory.mktemp("bundle")), GROUPS, DAY)


@pytest.fixture(scope="session")
def next_scorer(tmp_path_factory):
    """The version after it, of another threshold."""
    return Scorer(small_bundle(tmp_path_factory.mktemp("bundle"), threshold=0.6), GROUPS, DAY)
