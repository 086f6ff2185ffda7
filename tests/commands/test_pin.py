"""Pins are put where the service that is meant reads them."""

import pytest

from churnlab.deployments import Deployments
from deployments.test_deployed import WHY, bundle
from registry.conftest import done
from stages.studies import REPOSITORY


@pytest.fixture
def there(tmp_path):
    """A service of another home with a version of `telecom`."""
    deployments = Deployments(tmp_path / "home" / "deployments")
    version = deployments.add("telecom", bundle(tmp_path / "a", "a"), {})
    deployments.promote("telecom", version, "ana", WHY)
    return deployments


def test_the_variable_and_the_option_name_the_home(there, monkeypatch, tmp_path):
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setenv("CHURNLAB_HOME", str(there.root.parent))
    done("pin", "telecom", "--why", "audit until Friday")
    assert there.current("telecom").pinned
    monkeypatch.setenv("CHURNLAB_HOME", str(tmp_path / "elsewhere"))
    done("unpin", "telecom", "--why", "the audit is over", "--home", str(there.root.parent))
    assert not there.current("telecom").pinned
