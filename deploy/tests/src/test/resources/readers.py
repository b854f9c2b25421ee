"""Reads a database as analysts do, and compares every number bit for bit with the ones logged.

Arguments: the database, then the expected values as hexadecimal floats ("nan" for NaN), in the order of their steps.
"""

import json
import math
import sqlite3
import struct
import sys
import warnings

import pandas
import polars
import sqlalchemy

# A type that it does not know is a warning; so is an index over expressions, which readers need not know.
warnings.simplefilter("error", sqlalchemy.exc.SAWarning)
warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based index")
warnings.filterwarnings("ignore", "pandas only supports")
DATABASE, EXPECTED = sys.argv[1], [float(word) if word == "nan" else float.fromhex(word) for word in sys.argv[2:]]
SQL = "SELECT value FROM metrics WHERE metric_name = 'loss' ORDER BY step"


def bits(value):
    """NULL is NaN; anything but a float is the caller's fault."""
    if value is None or value != value:
        return "nan"
    assert type(value) is float, (type(value), value)
    return struct.pack(">d", value).hex()


def same(where, values):
    found, wanted = [bits(value) for value in values], [bits(value) for value in EXPECTED]
    assert found == wanted, "%s with SQLite %s: %s, not %s" % (where, version, found, wanted)
    print("ok", where, version)


def drivers():
    yield sqlite3
    try:
        import pysqlite3

        yield pysqlite3
    except ImportError:
        print("skipped: no wheel of pysqlite3-binary for this Python")


for driver in drivers():
    version = driver.sqlite_version
    connect = lambda: driver.connect("file:%s?mode=ro" % DATABASE, uri=True)  # noqa: E731, B023
    same("sqlite3", [row[0] for row in connect().execute(SQL)])
    engine = sqlalchemy.create_engine("sqlite://", creator=connect)
    tables = sqlalchemy.MetaData()
    tables.reflect(engine, views=True)
    with engine.connect() as connection:
        for name in ("metrics", "raw_metrics"):
            view = tables.tables[name]
            rows = connection.execute(
                sqlalchemy.select(view).where(view.c.metric_name == "loss").order_by(view.c.step)
            ).mappings().all()
            same("SQLAlchemy " + name, [row["value"] for row in rows])
            assert all(type(row["epoch"]) is float for row in rows), rows[0]["epoch"]
        points = tables.tables["metric_points"]
        series = tables.tables["metric_series"]
        # Joined by the foreign key that was reflected.
        joined = sqlalchemy.select(points.c.value).select_from(points.join(series)).where(series.c.name == "loss")
        same("SQLAlchemy metric_points", [row[0] for row in connection.execute(joined.order_by(points.c.step))])
        calls = tables.tables["run_metrics"]
        rows = connection.execute(sqlalchemy.select(calls).order_by(calls.c.step)).mappings().all()
        rows = [row for row in rows if "loss" in json.loads(row["metrics"])]
        same("SQLAlchemy run_metrics", [row["loss"] for row in rows])
        in_json = [json.loads(row["metrics"])["loss"] for row in rows]
        # JSON has no NaN, and the digits are those of this SQLite's printf: some versions err in the last one.
        for found, wanted in zip(in_json, EXPECTED):
            assert (found is None and wanted != wanted) or math.isclose(found, wanted, rel_tol=1e-14), (found, wanted)
        for name in ("metric_summaries", "metric_series"):
            table = tables.tables[name]
            row = connection.execute(sqlalchemy.select(table).where(table.c.name == "loss")).mappings().one()
            numbers = [x for x in EXPECTED if x == x]
            assert bits(row["min_value"]) == bits(min(numbers)) and bits(row["max_value"]) == bits(max(numbers)), row
        frame = pandas.read_sql(SQL, connection)
        same("pandas", [float(value) for value in frame["value"]])
        ids = pandas.read_sql_table("runs", connection)
        assert ids["id"].map(type).eq(str).all() and ids["id"].str.len().eq(13).all(), ids
    same("polars", polars.read_database(SQL, connect())["value"].to_list())
    same("polars by SQLAlchemy", polars.read_database(SQL, engine)["value"].to_list())
    epochs = polars.read_database("SELECT epoch FROM metrics WHERE metric_name = 'many' ORDER BY step", connect())
    assert epochs["epoch"].to_list()[-1] == 0.25, epochs["epoch"].to_list()[-1]
