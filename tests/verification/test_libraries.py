import re
import sys
from importlib.metadata import version

from churnlab.verification.libraries import LOCK, OtherVersion, other_versions

HASH = "    --hash=sha256:" + 64 * "0"


def lock(tmp_path, *lines):
    (tmp_path / LOCK).write_text("# make lock\n" + "".join(f"{x} \\\n{HASH}\n" for x in lines))
    return other_versions(tmp_path)


def test_libraries_at_the_locked_versions_are_not_named(tmp_path):
    assert lock(tmp_path, f"numpy=={version('numpy')}", f"PyYAML=={version('pyyaml')}") == []


def test_another_version_and_a_missing_library_are_named(tmp_path):
    found = lock(tmp_path, "numpy==1.0.0", "no-such-library==2.0")
    assert found == [
        OtherVersion("numpy", "1.0.0", version("numpy")),
        OtherVersion("no-such-library", "2.0", None),
    ]


def test_what_is_locked_for_other_systems_is_left_out(tmp_path):
    here, elsewhere = f"sys_platform == '{sys.platform}'", f"sys_platform != '{sys.platform}'"
    found = lock(tmp_path, f"numpy==1.0.0 ; {elsewhere}", f"pandas==1.0.0 ; {here}")
    assert [other.name for other in found] == ["pandas"]


def test_a_revision_without_a_lock_is_not_compared(tmp_path):
    assert other_versions(tmp_path) is None


def test_every_line_of_the_repositorys_lock_is_understood(repo_root, tmp_path):
    """A lock in which each version is another one names each package of this system."""
    text = (repo_root / LOCK).read_text()
    (tmp_path / LOCK).write_text(re.sub(r"^([\w.-]+)==", r"\1==999.", text, flags=re.MULTILINE))
    named = {other.name for other in other_versions(tmp_path)}
    assert {"scikit-learn", "numpy", "optuna", "dvc", "pandas", "typer"} <= named
    assert len(named) > 150
