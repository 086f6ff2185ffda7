import os
import stat

import pyarrow as pa
import pytest

from churnlab.errors import ChurnlabError
from churnlab.lists import ListName, Lists

OLD, NEW = "0" * 12, "a" * 12


def rows(*p):
    return pa.table({"id": [f"c{place}" for place in range(len(p))], "p": list(p)})


@pytest.fixture
def lists(tmp_path):
    return Lists(tmp_path / "lists")


def test_a_list_comes_back_as_it_was_kept(lists):
    name = lists.add("shop", rows(0.9, 0.1), "2018-09-01", OLD)
    assert name.id == f"2018-09-01_{OLD}"
    assert lists.read("shop", ListName.of(name.id)).equals(rows(0.9, 0.1))


def test_the_newest_date_comes_first_and_of_one_date_the_last_kept(lists):
    for date, version in [("2018-09-01", OLD), ("", OLD), ("2018-10-01", NEW), ("2018-10-01", OLD)]:
        lists.add("shop", rows(0.5), date, version)
    os.utime(lists.path("shop", ListName("2018-10-01", NEW)), ns=(1, 1))
    assert [name.id for name in lists.all("shop")] == [
        f"2018-10-01_{OLD}",
        f"2018-10-01_{NEW}",
        f"2018-09-01_{OLD}",
        f"undated_{OLD}",
    ]
    assert lists.latest("shop") == ListName("2018-10-01", OLD)
    assert lists.latest("other") is None
    assert lists.studies() == ["shop"]


def test_the_same_list_again_changes_nothing(lists):
    path = lists.path("shop", lists.add("shop", rows(0.9), "2018-09-01", OLD))
    before = path.stat()
    lists.add("shop", rows(0.9), "2018-09-01", OLD)
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_other_rows_of_the_same_date_and_version_are_refused_unless_they_are_to_replace(lists):
    name = lists.add("shop", rows(0.9), "2018-09-01", OLD)
    with pytest.raises(ChurnlabError, match="--replace"):
        lists.add("shop", rows(0.8), "2018-09-01", OLD)
    assert lists.read("shop", name).equals(rows(0.9))
    lists.add("shop", rows(0.8), "2018-09-01", OLD, replace=True)
    assert lists.read("shop", name).equals(rows(0.8))


@pytest.mark.parametrize(
    ("study", "date", "version"),
    [
        ("../shop", "2018-09-01", OLD),
        ("shop", "yesterday", OLD),
        ("shop", "2026-02-30", OLD),
        ("shop", "2018-09-01", "../../keys"),
    ],
)
def test_a_name_that_could_lead_elsewhere_is_refused(lists, study, date, version):
    with pytest.raises(ChurnlabError, match="name"):
        lists.add(study, rows(0.9), date, version)
    assert not lists.folder.exists()


def test_a_day_that_is_not_in_the_calendar_is_told(lists):
    with pytest.raises(ChurnlabError, match="2026-02-30 is no day of the calendar"):
        lists.add("shop", rows(0.9), "2026-02-30", OLD)


def test_a_file_that_is_no_list_hides_no_list(lists):
    name = lists.add("shop", rows(0.9), "2018-09-01", OLD)
    for odd in (f"2026-02-30_{OLD}", "backup"):
        for study in ("shop", "other"):
            path = lists.folder / study / f"{odd}.parquet"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"")
    assert lists.all("shop") == [name]
    assert lists.latest("shop") == name
    assert lists.studies() == ["shop"]


def test_a_list_that_is_not_there_is_told_with_those_that_are(lists):
    lists.add("shop", rows(0.9), "2018-09-01", OLD)
    with pytest.raises(ChurnlabError, match=f"known: 2018-09-01_{OLD}"):
        lists.read("shop", ListName("2018-10-01", OLD))


def test_only_the_owner_reads_what_names_people(lists):
    path = lists.path("shop", lists.add("shop", rows(0.9), "", OLD))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
