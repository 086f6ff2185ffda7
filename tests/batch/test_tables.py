"""Tables of real SQLite files and of a real PostgreSQL, as input and as output."""

import datetime
import decimal

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from batch.bundles import ROWS, expected, scored
from churnlab.batch.bad_rows import BadRows
from churnlab.batch.database import TableAddress
from churnlab.batch.scorer import Scorer
from churnlab.errors import ChurnlabError

DATABASES = ("sqlite", "postgresql")
# Tables have no order of their own: rows are read by id, wherever they lie.
MIXED = ROWS.sample(frac=1.0, random_state=3)


@pytest.fixture(params=DATABASES)
def database(request, tmp_path):
    """An empty database: its address."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'crm.db'}"
    return request.getfixturevalue("postgres").new_database()


def engine(address):
    return sa.create_engine(address, poolclass=sa.NullPool)


def written(address, rows=MIXED, table="customers", schema=None):
    with engine(address).begin() as connection:
        if schema:
            connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
        rows.to_sql(table, connection, schema=schema, index=False, if_exists="replace")
    return f"{address}#{schema}.{table}" if schema else f"{address}#{table}"


def read(address, schema=None, key="id"):
    with engine(address).connect() as connection:
        found = pd.read_sql_table("scores", connection, schema=schema)
    return found.sort_values(["date", "model_version", key], ignore_index=True)


def check_scores(found, wanted):
    wanted = wanted.assign(date=pd.to_datetime(wanted["date"]))
    pd.testing.assert_frame_equal(found, wanted, check_dtype=False, rtol=1e-12)


def test_a_table_is_scored_into_the_same_database(scorer, database):
    done = scored(scorer, written(database), f"{database}#scores")
    assert (done.progress.scored, done.was_there) == (len(ROWS), False)
    check_scores(read(database), expected(scorer))


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_table_and_a_file_give_the_same(scorer, database, tmp_path, ending):
    target = tmp_path / f"scores.{ending}"
    scored(scorer, written(database), target)
    if ending == "csv":
        found = pd.read_csv(target, parse_dates=["date"], float_precision="round_trip")
    else:
        found = pd.read_parquet(target).astype({"date": "datetime64[ns]"})
    check_scores(found, expected(scorer))
    MIXED.to_parquet(tmp_path / "mixed.parquet", index=False)
    scored(scorer, tmp_path / "mixed.parquet", f"{database}#scores")
    check_scores(read(database), expected(scorer))


def test_the_same_run_again_changes_nothing(scorer, database):
    source, target = written(database), f"{database}#scores"
    scored(scorer, source, target)
    before = read(database)
    assert scored(scorer, source, target).was_there
    pd.testing.assert_frame_equal(read(database), before)


def test_another_date_and_another_model_add_rows(scorer, next_scorer, database):
    source, target = written(database), f"{database}#scores"
    later = Scorer(scorer.model, scorer.groups, scorer.date + datetime.timedelta(days=28))
    for one in (scorer, later, next_scorer, later, scorer):
        scored(one, source, target)
    found = read(database)
    assert len(found) == 3 * len(ROWS)
    assert not found.duplicated(["date", "model_version", "id"]).any()
    mine = (found["model_version"] == scorer.version) & (found["date"] == pd.Timestamp(scorer.date))
    check_scores(found[mine].reset_index(drop=True), expected(scorer))


def test_an_input_that_changed_replaces_its_rows_and_doubles_none(scorer, database):
    target = f"{database}#scores"
    scored(scorer, written(database), target)
    changed, said = MIXED.assign(minutes=MIXED["minutes"] + 10), []
    scored(scorer, written(database, changed), target, tell=said.append)
    assert said[0].endswith("#scores: made with another input; scored anew")
    check_scores(read(database), expected(scorer, changed.sort_values("id")))


def test_rows_that_were_taken_out_come_back(scorer, database):
    source, target, said = written(database), f"{database}#scores", []
    scored(scorer, source, target)
    with engine(database).begin() as connection:
        connection.execute(sa.text("DELETE FROM scores WHERE id < 1100"))
    scored(scorer, source, target, tell=said.append)
    assert said[0].endswith("#scores: rows were taken out of it; scored anew")
    check_scores(read(database), expected(scorer))


def test_a_table_in_a_schema_is_named_with_it(scorer, postgres):
    database = postgres.new_database()
    source = written(database, schema="sales")
    scored(scorer, source, f"{database}#sales.scores")
    check_scores(read(database, schema="sales"), expected(scorer))
    with engine(database).connect() as connection:
        assert sa.inspect(connection).get_table_names() == []


def test_what_was_done_before_a_bad_row_is_gone_on_with(scorer, database, tmp_path):
    rows = ROWS.copy()
    rows.loc[260, "minutes"] = np.nan
    source, target = written(database, rows), f"{database}#scores"
    with pytest.raises(ChurnlabError, match=r"#customers: rows 251 to 300(?s:.*)row 261"):
        scored(scorer, source, target)
    check_scores(read(database), expected(scorer, ROWS.head(250)))
    done = scored(scorer, source, target, bad_rows=BadRows(tmp_path / "bad.csv"))
    assert (done.progress.scored, done.progress.bad) == (299, 1)
    check_scores(read(database), expected(scorer).drop(260).reset_index(drop=True))
    assert (tmp_path / "bad.csv").read_text().splitlines()[1:] == ["261,1260,minutes,,missing"]


def test_a_run_of_another_model_that_stopped_is_told_of(scorer, next_scorer, database):
    rows = ROWS.copy()
    rows.loc[260, "minutes"] = np.nan
    target, said = f"{database}#scores", []
    with pytest.raises(ChurnlabError, match="row 261"):
        scored(scorer, written(database, rows), target)
    scored(next_scorer, written(database), target, tell=said.append)
    assert said[0].endswith(f"begun with another model, {scorer.version}; scored anew")
    assert (read(database)["model_version"] == next_scorer.version).sum() == len(ROWS)


def test_other_columns_keep_their_type(scorer, database):
    kept = {
        "joined": [datetime.date(2020, 1, 1 + day % 28) for day in range(len(ROWS))],
        "seen": [datetime.datetime(2025, 5, 1, 12, minute % 60) for minute in range(len(ROWS))],
        "active": [day % 2 == 0 for day in range(len(ROWS))],
        "note": ["a" if day else None for day in range(len(ROWS))],
    }
    types = {"joined": sa.Date, "seen": sa.DateTime, "active": sa.Boolean, "note": sa.Text}
    with engine(database).begin() as connection:
        ROWS.assign(**kept).to_sql("customers", connection, index=False, dtype=types)
    scored(scorer, f"{database}#customers", f"{database}#scores")
    with engine(database).connect() as connection:
        table = sa.Table("scores", sa.MetaData(), autoload_with=connection)
        row = connection.execute(sa.select(table).where(table.c.id == 1000)).mappings().one()
    assert {name: row[name] for name in kept} == {name: of[0] for name, of in kept.items()}


def test_decimals_are_numbers(scorer, database):
    exact = ROWS.assign(minutes=[decimal.Decimal(str(one)) for one in ROWS["minutes"]])
    with engine(database).begin() as connection:
        exact.to_sql("customers", connection, index=False, dtype={"minutes": sa.Numeric(10, 1)})
    scored(scorer, f"{database}#customers", f"{database}#scores")
    check_scores(read(database), expected(scorer))


def test_a_view_is_read_as_a_table(scorer, database):
    written(database)
    with engine(database).begin() as connection:
        connection.execute(sa.text("CREATE VIEW few AS SELECT * FROM customers WHERE id < 1010"))
    assert scored(scorer, f"{database}#few", f"{database}#scores").progress.scored == 10


def test_ids_that_do_not_tell_rows_apart_are_refused(scorer, database, tmp_path):
    rows = ROWS.assign(region="north")
    source = written(database, rows)
    with pytest.raises(ChurnlabError, match=r"'region': 'north' is there 50 times"):
        scored(scorer, source, f"{database}#scores", id_column="region")
    # In different batches, which nobody looks at together.
    rows.assign(id=list(range(150)) * 2).to_parquet(tmp_path / "rows.parquet")
    with pytest.raises(ChurnlabError, match=r"300 rows have only 150 different values of 'id'"):
        scored(scorer, tmp_path / "rows.parquet", f"{database}#other")
    rows.assign(id=rows["id"].astype("Int64").where(rows["id"] > 1000)).to_parquet(
        tmp_path / "none.parquet"
    )
    with pytest.raises(ChurnlabError, match=r"'id': missing in a row"):
        scored(scorer, tmp_path / "none.parquet", f"{database}#none")


def test_a_column_of_ids_that_is_not_there_is_told_with_the_one_meant(scorer, database, tmp_path):
    rows = MIXED.rename(columns={"id": "customer_id"})
    source = written(database, rows)
    with pytest.raises(ChurnlabError, match=r"'custmer_id': missing.*did you mean 'customer_id'"):
        scored(scorer, source, tmp_path / "scores.csv", id_column="custmer_id")
    rows.to_parquet(tmp_path / "rows.parquet")
    with pytest.raises(ChurnlabError, match=r"needs a column 'id' of the input.*customer_id"):
        scored(scorer, tmp_path / "rows.parquet", f"{database}#scores")
    scored(scorer, source, f"{database}#scores", id_column="customer_id")
    check_scores(
        read(database, key="customer_id"), expected(scorer).rename(columns={"id": "customer_id"})
    )


def test_mistakes_in_addresses_are_told(scorer, database, tmp_path):
    written(database)
    for source, words in (
        (f"{database}#customer", "there is no such table; is it 'customers'"),
        (f"{database}#zzz", "there is no such table; there are: customers"),
        (database, "which table. Write it behind a #"),
        ("mysql://host/crm#customers", "no database of a known kind"),
        ("sqlite//x://#y", "no URL of a database"),
        (f"sqlite:///{tmp_path}/none.db#customers", "there is no such file"),
    ):
        with pytest.raises(ChurnlabError, match=words):
            scored(scorer, source, tmp_path / "scores.csv")
    assert not (tmp_path / "none.db").exists()


def test_a_server_that_does_not_answer_is_told_without_the_password(scorer, tmp_path):
    password = "secret"
    source = f"postgresql://crm:{password}@127.0.0.1:1/crm#customers"
    with pytest.raises(ChurnlabError, match=r"crm@127.0.0.1:1/crm#customers: .*connection") as said:
        scored(scorer, source, tmp_path / "scores.csv")
    assert "secret" not in str(said.value)
    assert "***" not in str(said.value)


def test_a_table_that_is_no_table_of_scores_is_left_alone(scorer, database):
    source = written(database)
    with pytest.raises(ChurnlabError, match="the table there has no column 'p'"):
        scored(scorer, source, source)
    written(database, expected(scorer).astype({"date": str}), table="scores")
    with pytest.raises(ChurnlabError, match="the key of the table there is not date, model_vers"):
        scored(scorer, source, f"{database}#scores")
    with engine(database).connect() as connection:
        assert len(pd.read_sql_table("customers", connection)) == len(ROWS)


def test_a_value_of_another_type_than_declared_is_told(scorer, tmp_path):
    database = f"sqlite:///{tmp_path / 'crm.db'}"
    written(database, ROWS.assign(age=1))
    with engine(database).begin() as connection:
        connection.execute(sa.text("UPDATE customers SET age = 'old' WHERE id = 1003"))
    with pytest.raises(ChurnlabError, match=r"'age': declared as int64, but .*'old'"):
        scored(scorer, f"{database}#customers", f"{database}#scores")


def test_a_database_that_refuses_is_told_in_a_line(scorer, postgres, tmp_path):
    database = postgres.new_database()
    ROWS.to_parquet(tmp_path / "rows.parquet")
    with pytest.raises(ChurnlabError, match=r'#nowhere.scores: schema "nowhere" does not exist$'):
        scored(scorer, tmp_path / "rows.parquet", f"{database}#nowhere.scores")


@pytest.mark.parametrize(
    ("text", "driver", "schema", "table"),
    [
        ("sqlite:///crm.db#customers", "sqlite", None, "customers"),
        ("postgres://me@host/crm#sales.customers", "postgresql+psycopg", "sales", "customers"),
        ("postgresql+psycopg2://me@[::1]:5433/crm#t", "postgresql+psycopg", None, "t"),
    ],
)
def test_an_address_names_database_schema_and_table(text, driver, schema, table):
    found = TableAddress.parse(text)
    assert (found.url.drivername, found.schema, found.table) == (driver, schema, table)
