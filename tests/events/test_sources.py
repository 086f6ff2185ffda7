"""Several published files, each from the mirror or its address, each verified."""

import hashlib
import subprocess

import pytest

from churnlab.errors import ChurnlabError
from churnlab.events.sources import bring, digest, record
from events.tables import sound, write


def declared(catalog, folder, **changes):
    """Return the catalog with the hashes of the files in `folder`, and a table's changes."""
    tables = {}
    for name, table in catalog.tables.items():
        content = (folder / table.file).read_bytes()
        known = {
            "sha256": hashlib.sha256(content).hexdigest(),
            "bytes": len(content),
            "git_blob": None,
            "unverified": None,
            "url": None,
        }
        tables[name] = table.model_copy(update=known | changes.get(name, {}))
    return catalog.model_copy(
        update={"events": catalog.events.model_copy(update={"tables": tables})}
    )


@pytest.fixture
def mirror(tmp_path, olist):
    return write(tmp_path / "mirror" / "olist", sound(), olist).parent


def test_every_file_of_the_mirror_comes_byte_for_byte(olist, mirror, tmp_path):
    catalog = declared(olist, mirror / "olist")

    came = bring(catalog, tmp_path, tmp_path / "raw", mirror)

    assert set(came) == set(catalog.tables)
    for table in catalog.tables.values():
        copied = (tmp_path / "raw" / table.file).read_bytes()
        assert copied == (mirror / "olist" / table.file).read_bytes()
    assert len(list((tmp_path / "raw").iterdir())) == len(catalog.tables)


def test_an_optional_file_that_the_mirror_lacks_is_left_out_and_recorded(olist, mirror, tmp_path):
    orders = mirror / "olist" / olist.tables["orders"].file
    catalog = declared(olist, mirror / "olist", orders={"url": orders.as_uri()})
    bring(catalog, tmp_path, tmp_path / "raw", mirror)
    elsewhere = tmp_path / "elsewhere.csv"
    orders.rename(elsewhere)
    catalog = declared_url(catalog, "orders", elsewhere.as_uri())

    came = bring(catalog, tmp_path, tmp_path / "raw", mirror)

    assert "orders" not in came
    assert not (tmp_path / "raw" / orders.name).exists()
    assert list(record(catalog, came)["absent"]) == ["orders"]
    assert "orders" not in record(catalog, came)["present"]


def declared_url(catalog, name, url):
    tables = {**catalog.tables, name: catalog.tables[name].model_copy(update={"url": url})}
    return catalog.model_copy(
        update={"events": catalog.events.model_copy(update={"tables": tables})}
    )


def test_a_required_file_that_the_mirror_lacks_comes_from_its_address(olist, mirror, tmp_path):
    items = mirror / "olist" / olist.tables["items"].file
    public = tmp_path / "public.csv"
    catalog = declared(olist, mirror / "olist", items={"url": public.as_uri()})
    items.rename(public)

    bring(catalog, tmp_path, tmp_path / "raw", mirror)

    assert (tmp_path / "raw" / items.name).read_bytes() == public.read_bytes()


def test_a_required_file_that_is_nowhere_is_told_with_place_address_and_hash(
    olist, mirror, tmp_path
):
    items = mirror / "olist" / olist.tables["items"].file
    catalog = declared(olist, mirror / "olist", items={"url": (tmp_path / "no").as_uri()})
    items.unlink()

    with pytest.raises(ChurnlabError) as error:
        bring(catalog, tmp_path, tmp_path / "raw", mirror)

    for part in (str(items), (tmp_path / "no").as_uri(), catalog.tables["items"].sha256):
        assert part in str(error.value)
    assert "CHURNLAB_DATA_MIRROR" in str(error.value)


def test_a_changed_file_is_refused_and_the_one_from_before_stays(olist, mirror, tmp_path):
    catalog = declared(olist, mirror / "olist")
    bring(catalog, tmp_path, tmp_path / "raw", mirror)
    sellers = mirror / "olist" / olist.tables["sellers"].file
    before = sellers.read_bytes()
    sellers.write_bytes(before.replace(b"SP", b"RJ"))

    with pytest.raises(ChurnlabError, match=r"it is not the published olist_sellers") as error:
        bring(catalog, tmp_path, tmp_path / "raw", mirror)

    assert hashlib.sha256(before).hexdigest() in str(error.value)
    assert (tmp_path / "raw" / sellers.name).read_bytes() == before
    assert not list((tmp_path / "raw").glob(".*"))


def test_a_file_is_verified_by_the_id_that_git_gives_it(olist, mirror, tmp_path):
    orders = mirror / "olist" / olist.tables["orders"].file
    blob = subprocess.run(
        ["git", "hash-object", "--no-filters", orders], capture_output=True, text=True, check=True
    ).stdout.strip()
    only_blob = {"sha256": None, "bytes": None, "git_blob": blob}

    assert digest(orders).git_blob == blob
    catalog = declared(olist, mirror / "olist", orders=only_blob)
    assert "orders" in bring(catalog, tmp_path, tmp_path / "raw", mirror)

    wrong = declared(olist, mirror / "olist", orders=only_blob | {"git_blob": "0" * 40})
    with pytest.raises(ChurnlabError, match=f"git_blob {blob}, expected {'0' * 40}"):
        bring(wrong, tmp_path, tmp_path / "raw", mirror)


def test_a_file_of_which_no_hash_is_known_is_refused_with_what_to_write_down(
    olist, mirror, tmp_path
):
    unknown = {"sha256": None, "bytes": None, "unverified": "several are in circulation"}
    catalog = declared(olist, mirror / "olist", reviews=unknown)
    content = (mirror / "olist" / olist.tables["reviews"].file).read_bytes()

    with pytest.raises(ChurnlabError, match="several are in circulation") as error:
        bring(catalog, tmp_path, tmp_path / "raw", mirror)

    assert hashlib.sha256(content).hexdigest() in str(error.value)
    assert "olist.yaml, events.tables.reviews" in str(error.value)


def test_the_published_reviews_are_refused_and_the_published_orders_need_their_git_id(olist):
    assert olist.tables["reviews"].unverified
    assert olist.tables["orders"].git_blob == "8133513ba3bcf576837c47aedd7fd81c5bb110fc"
