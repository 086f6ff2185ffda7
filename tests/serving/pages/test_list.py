"""The list: filtered, sorted, a page at a time, added up, downloaded; hostile ids are text."""

import csv
import io

import pytest

from churnlab.lists import Lists
from serving.pages.conftest import said
from serving.shop import CUSTOMERS, DATES, FORMULA, HOSTILE

LIST = "/app/studies/shop"


@pytest.fixture(scope="module")
def rows(home):
    """Rows of the newest list, the highest risk first."""
    lists = Lists(home / "lists")
    return lists.read("shop", lists.latest("shop")).to_pylist()


@pytest.fixture
def client(browse):
    return browse("analyst")


def downloaded(client, **query):
    answer = client.get(f"{LIST}/list.csv", params=query)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def test_totals_are_those_of_the_list(client, rows):
    words = said(client.get(LIST))
    assert f"All customers {CUSTOMERS}" in words
    leaving = round(sum(row["p"] for row in rows))
    stake = sum(row["value_at_stake"] for row in rows)
    assert f"{leaving} expected to leave R${stake:,.0f} at stake" in words
    high = [row for row in rows if row["risk_group"] == "high"]
    assert f"High {len(high)} {round(sum(row['p'] for row in high))} expected" in words


def test_the_newest_list_comes_first_and_another_can_be_chosen(client, home):
    assert "List of Sep 1, 2018" in said(client.get(LIST))
    oldest = Lists(home / "lists").all("shop")[-1]
    assert oldest.date == DATES[0]
    assert "List of Jul 1, 2018" in said(client.get(LIST, params={"list": oldest.id}))
    first = Lists(home / "lists").read("shop", oldest).to_pylist()[0]
    assert downloaded(client, list=oldest.id)[0]["id"] == first["id"]


@pytest.mark.parametrize("group", ["high", "medium", "low"])
def test_a_group_is_shown_alone(client, rows, group):
    wanted = [row["id"] for row in rows if row["risk_group"] == group]
    found = downloaded(client, group=group)
    assert [row["id"].lstrip("'") for row in found] == wanted
    assert f"{len(wanted)} customers" in said(client.get(LIST, params={"group": group}))


def test_a_text_is_looked_for_in_ids_and_reasons_whatever_its_case(client, rows):
    by_id = downloaded(client, text="c004")
    assert {row["id"] for row in by_id} == {f"C{i:04}" for i in range(40, 50)}
    by_reason = downloaded(client, text="CITY: OLINDA")
    wanted = [row["id"] for row in rows if row["reason_2"] == "City: Olinda"]
    assert [row["id"].lstrip("'") for row in by_reason] == wanted
    assert downloaded(client, text="(usual: 1") != []
    assert "No customer of the list is like that" in said(client.get(LIST, params={"text": "zz"}))


@pytest.mark.parametrize("sort", ["rank", "id", "p", "value_at_stake", "value", "reason_1"])
@pytest.mark.parametrize("down", ["", "1"])
def test_every_column_sorts_both_ways(client, rows, sort, down):
    known = [row for row in rows if row[sort] is not None]
    missing = [row for row in rows if row[sort] is None]
    ordered = sorted(known, key=lambda row: row["rank"])
    ordered.sort(key=lambda row: row[sort], reverse=bool(down))
    found = downloaded(client, sort=sort, down=down)
    assert [int(row["rank"]) for row in found] == [row["rank"] for row in [*ordered, *missing]]


def test_groups_sort_by_risk_and_not_by_name(client):
    found = [row["risk_group"] for row in downloaded(client, sort="risk_group")]
    assert found == sorted(found, key=["high", "medium", "low"].index)


def test_the_heading_that_sorts_says_so_and_turns_the_order(client):
    page = client.get(LIST, params={"sort": "p", "down": "1"}).text
    assert 'class="col-p" aria-sort="descending"' in page
    assert 'href="/app/studies/shop?sort=p"' in page


def test_pages_have_fifty_rows_and_the_last_one_the_rest(client):
    def ids(page):
        text = client.get(LIST, params={"page": page}).text
        return text.count('scope="row"')

    assert [ids(page) for page in (1, 2, 3)] == [50, 50, CUSTOMERS - 100]
    assert "Page 3 of 3" in said(client.get(LIST, params={"page": 99}))
    for odd in ("0", "-1", "x", "1e9", "²", "9" * 30):
        assert client.get(LIST, params={"page": odd}).status_code == 200


def test_what_an_address_cannot_ask_for_is_left_out(client):
    answer = client.get(LIST, params={"sort": "inputs", "down": "x", "group": "none"})
    assert "No customer of the list is like that" in said(answer)


def test_a_download_has_every_column_but_the_inputs(client):
    answer = client.get(f"{LIST}/list.csv")
    assert answer.headers["content-disposition"].startswith('attachment; filename="shop_2018-09-01')
    found = downloaded(client)
    assert len(found) == CUSTOMERS
    assert "inputs" not in found[0]
    assert {"rank", "id", "p", "reason_2", "contribution_2", "data_version"} <= set(found[0])
    assert float(found[0]["contribution_2"]) == -0.2


def test_no_cell_of_a_download_is_a_formula(client):
    found = downloaded(client)
    assert f"'{FORMULA}" in {row["id"] for row in found}
    assert not any(
        value.startswith(("=", "+", "@", "\t", "\r")) for row in found for value in row.values()
    )


def test_ids_and_reasons_are_text_whatever_is_in_them(client):
    for query in ({"text": "script"}, {"text": HOSTILE}, {"group": HOSTILE}, {"list": HOSTILE}):
        answer = client.get(LIST, params=query)
        assert HOSTILE not in answer.text
    page = client.get(LIST, params={"text": "script"})
    assert HOSTILE in said(page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text


@pytest.mark.parametrize("customer", [HOSTILE, FORMULA, "a/b?c&d"])
def test_odd_ids_lead_to_their_customers(client, customer):
    answer = client.get(f"{LIST}/customer", params={"id": customer})
    assert answer.status_code == 200
    assert HOSTILE not in answer.text
    assert f"← List of Sep 1, 2018 {customer} Place" in said(answer)
