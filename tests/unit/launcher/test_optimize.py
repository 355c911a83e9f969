"""sparkjob table optimize: rows stay what they are, whatever the files hold; one commit, or none."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

from launcher.cli.root import main
from launcher.tables import compaction
from launcher.tables.bins import DataFile, bins, partition_text, statistics
from launcher.tables.digest import Digest
from sparkjobs import tables
from sparkjobs.errors import DataError
from tests.unit.launcher.made_by_spark import add_file

OLD = datetime(1, 1, 1, tzinfo=timezone.utc)
LATE = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=timezone.utc)
MOMENTS = [
    OLD,
    LATE,
    datetime(2300, 1, 1, tzinfo=timezone.utc),
    datetime(1500, 2, 1, tzinfo=timezone.utc),
    None,
]
NAN = float("nan")


def moments(values=MOMENTS):
    flat = pa.array(values, pa.timestamp("us", "UTC"))
    return pa.table({"t": flat, "l": pa.array([[v] for v in values], pa.list_(flat.type))})


@pytest.fixture
def optimize(capsys):
    """``sparkjob table optimize``: exit code, and its JSON or what it said."""

    def run(table, *arguments):
        with pytest.raises(SystemExit) as exit_:
            main(["table", "optimize", str(table), *arguments, "-o", "json"])
        out, err = capsys.readouterr()
        return exit_.value.code, json.loads(out) if exit_.value.code == 0 else err

    return run


def newest(table):
    """The actions of the newest commit by kind."""
    log = max((table / "_delta_log").glob("*.json"))
    found = {}
    for line in log.read_text().splitlines():
        ((kind, action),) = json.loads(line).items()
        found.setdefault(kind, []).append(action)
    return found


def test_int96_is_rewritten_as_microseconds_and_every_moment_stays(optimize, tmp_path):
    for _ in range(2):
        add_file(tmp_path / "t", moments())
    before = tables.read(str(tmp_path / "t")).to_arrow()
    code, done = optimize(tmp_path / "t")
    assert (code, done["files_removed"], done["files_added"]) == (0, 2, 1)
    after = tables.read(str(tmp_path / "t")).to_arrow()
    assert before.equals(after)
    assert after["t"].to_pylist() == MOMENTS * 2
    assert after["l"].to_pylist() == [[value] for value in MOMENTS * 2]
    (add,) = newest(tmp_path / "t")["add"]
    physical = pq.read_schema(tmp_path / "t" / add["path"])
    assert physical.field("t").type == pa.timestamp("us", "UTC")
    footer = pq.read_metadata(tmp_path / "t" / add["path"])
    assert footer.schema.column(0).physical_type == "INT64"
    # By this Spark knows, whatever its rebase mode, that old days are not Julian.
    assert footer.metadata[b"org.apache.spark.version"] == b"4.0.4"


def test_one_commit_adds_and_removes_without_changing_data(optimize, tmp_path):
    for value in range(3):
        write_deltalake(str(tmp_path / "t"), pa.table({"v": [value]}), mode="append")
    optimize(tmp_path / "t")
    actions = newest(tmp_path / "t")
    assert (len(actions["add"]), len(actions["remove"])) == (1, 3)
    assert not any(action["dataChange"] for action in actions["add"] + actions["remove"])
    assert DeltaTable(str(tmp_path / "t")).history(1)[0]["version"] == 3


def test_every_kind_of_value_survives(optimize, tmp_path):
    rows = pa.table(
        {
            "f": pa.array([NAN, float("-inf"), -0.0, None]),
            "f4": pa.array([NAN, 1.5, None, 3.4e38], pa.float32()),
            "d": pa.array([Decimal("9" * 38), None, Decimal("-1"), Decimal(0)], pa.decimal128(38, 0)),
            "day": [date(1, 1, 1), date(1582, 10, 10), date(9999, 12, 31), None],
            "n": pa.array([datetime(1, 1, 1), None, None, datetime(9999, 1, 1)], pa.timestamp("us")),
            "s": ["", "\u00e9\U0001f600", None, "x" * 100],
            "b": [b"", b"\x00\xff", None, b"1"],
            "y": [True, None, False, True],
            "i": [2**63 - 1, -(2**63), None, 0],
            "st": [{"a": NAN, "b": [None, "x"]}, None, {"a": None, "b": []}, {"a": 1.0, "b": None}],
            "m": pa.array([[("k", 1)], [], None, [("a", None), ("b", 2)]], pa.map_(pa.string(), pa.int64())),
        }
    )
    for _ in range(3):
        write_deltalake(str(tmp_path / "t"), rows, mode="append")
    code, done = optimize(tmp_path / "t")
    assert (code, done["files_removed"]) == (0, 3)
    expected, found = Digest(), Digest()
    for batch in pa.concat_tables([rows] * 3).to_batches():
        expected.add(batch)
    for batch in tables.read(str(tmp_path / "t")).batches():
        found.add(batch)
    assert (found.rows, found.columns()) == (12, expected.columns())


@pytest.mark.parametrize(
    "change",
    [
        {"f": [1.0, 2.0]},
        {"s": ["ab", "c"]},
        {"s": ["a", None]},
        {"l": [[1], [2]]},
        {"l": [[], [1, 2]]},
        {"st": [{"x": 1}, {"x": None}]},
        {"m": [[("k", 2)], []]},
        {"y": [True, True]},
    ],
)
def test_a_digest_differs_where_one_value_does(change):
    types = {"m": pa.map_(pa.string(), pa.int64())}
    rows = {
        "f": [1.0, NAN],
        "s": ["a", "bc"],
        "l": [[1, 2], []],
        "st": [{"x": 1}, None],
        "m": [[("k", 1)], []],
        "y": [True, False],
    }

    def digest(values, pieces):
        found = Digest()
        table = pa.table({name: pa.array(value, types.get(name)) for name, value in values.items()})
        for batch in table.to_batches(max_chunksize=pieces):
            found.add(batch)
        return found.columns()

    assert digest(rows, 1) == digest(rows, 2)
    other = digest({**rows, **change}, 2)
    assert {name for name, value in digest(rows, 2).items() if other[name] != value} == set(change)


def test_a_compaction_that_would_change_a_value_is_not_committed(optimize, tmp_path, monkeypatch):
    for _ in range(2):
        add_file(tmp_path / "t", moments())
    files = sorted(tmp_path.rglob("*.parquet"))
    monkeypatch.setattr(compaction.Digest, "add", _unlike(compaction.Digest.add))
    code, said = optimize(tmp_path / "t")
    assert (code, "would change" in said) == (1, True)
    assert sorted(tmp_path.rglob("*.parquet")) == files
    assert DeltaTable(str(tmp_path / "t")).version() == 2


def _unlike(add):
    """A digest that takes the second stream for another one."""
    seen = []

    def adding(self, batch):
        if self not in seen:
            seen.append(self)
        add(self, batch if self is seen[0] else batch.slice(1))

    return adding


def test_partitions_keep_their_values(optimize, tmp_path):
    rows = pa.table(
        {
            "p": ["x y", "a/b", "c%20d", "\u00e9:=", None, "x y"],
            "t": pa.array([OLD, LATE, OLD, OLD, None, OLD], pa.timestamp("us", "UTC")),
            "d": pa.array([Decimal("1.50"), None, None, None, None, Decimal("1.5")], pa.decimal128(10, 2)),
            "v": range(6),
        }
    )
    for _ in range(2):
        write_deltalake(str(tmp_path / "t"), rows, partition_by=["p", "t", "d"], mode="append")
    code, done = optimize(tmp_path / "t")
    assert (code, done["files_removed"], done["files_added"]) == (0, 10, 5)
    found = tables.read(str(tmp_path / "t")).to_arrow().sort_by("v")
    assert found.to_pylist() == pa.concat_tables([rows] * 2).sort_by("v").to_pylist()
    assert DeltaTable(str(tmp_path / "t")).count() == 12
    assert optimize(tmp_path / "t")[1]["files_removed"] == 0


def test_columns_that_came_later_are_null_in_older_files(optimize, tmp_path):
    write_deltalake(str(tmp_path / "t"), pa.table({"v": [1]}))
    write_deltalake(str(tmp_path / "t"), pa.table({"v": [2], "w": ["x"]}), mode="append", schema_mode="merge")
    assert optimize(tmp_path / "t")[1]["files_removed"] == 2
    assert sorted(tables.read(str(tmp_path / "t")).to_arrow().to_pylist(), key=str) == [
        {"v": 1, "w": None},
        {"v": 2, "w": "x"},
    ]


def test_a_file_of_the_julian_calendar_is_refused_by_name(optimize, tmp_path):
    for key in ("org.apache.spark.legacyDateTime", "org.apache.spark.legacyINT96"):
        table = tmp_path / key
        add_file(table, moments())
        name = add_file(table, moments(), metadata={key: ""})
        code, said = optimize(table)
        assert (code, name in said, "Julian" in said) == (1, True, True)
        with pytest.raises(DataError, match="Julian"):
            tables.read(str(table)).to_arrow()
    add_file(tmp_path / "two", moments(), metadata={"org.apache.spark.version": "2.4.8"})
    with pytest.raises(DataError, match="Julian"):
        tables.read(str(tmp_path / "two")).to_arrow()


@pytest.mark.parametrize(
    ("version", "int96", "refused"), [("3.0.3", True, True), ("3.0.3", False, False), ("3.1.0", True, False)]
)
def test_int96_of_spark_3_0_is_julian_without_a_key(tmp_path, version, int96, refused):
    import pyarrow.parquet as pq

    from sparkjobs.tables.footers import is_julian

    marked = moments().replace_schema_metadata({"org.apache.spark.version": version})
    pq.write_table(marked, tmp_path / "f.parquet", use_deprecated_int96_timestamps=int96)
    assert is_julian(pq.read_metadata(tmp_path / "f.parquet")) is refused


def test_statistics_never_hide_nan(optimize, tmp_path):
    for _ in range(2):
        write_deltalake(
            str(tmp_path / "t"), pa.table({"f": [1.0, NAN], "i": [1, 2], "s": ["a", "b"]}), mode="append"
        )
    optimize(tmp_path / "t")
    (add,) = newest(tmp_path / "t")["add"]
    told = json.loads(add["stats"])
    assert told == {
        "numRecords": 4,
        "minValues": {"i": 1, "s": "a"},
        "maxValues": {"i": 2, "s": "b"},
        "nullCount": {"f": 0, "i": 0, "s": 0},
    }


def test_bins_hold_neighbours_of_one_partition():
    def file(name, size, partition="a"):
        return DataFile(name, size, partition={"p": partition})

    files = [
        file("1", 4),
        file("2", 9),
        file("3", 5, "b"),
        file("4", 5),
        file("5", 3),
        file("6", 20),
        file("7", 1, "b"),
    ]
    assert [[f.path for f in found] for found in bins(files, 10)] == [["4", "5"], ["3", "7"]]
    assert bins(files[:1], 10) == []


def test_statistics_are_told_where_every_file_tells_them():
    one = DataFile(
        "1", 1, 2, lowest={"i": 1, "s": "a", "d": date(5, 3, 1)}, highest={"i": 2}, nulls={"i": 0, "s": 1}
    )
    two = DataFile("2", 1, 1, lowest={"i": 0, "d": date(1, 1, 1)}, highest={"i": None}, nulls={"i": 2})
    assert json.loads(statistics([one, two], 3)) == {
        "numRecords": 3,
        "minValues": {"i": 0, "d": "0001-01-01"},
        "maxValues": {},
        "nullCount": {"i": 2},
    }
    zoned = DataFile("3", 1, 1, lowest={"t": OLD + timedelta(milliseconds=5)})
    assert json.loads(statistics([zoned], 1))["minValues"] == {"t": "0001-01-01T00:00:00.005Z"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("", ""),
        (True, "true"),
        (7, "7"),
        (1.5, "1.5"),
        (NAN, "NaN"),
        (float("-inf"), "-Infinity"),
        (Decimal("1E+3"), "1000"),
        (date(5, 3, 1), "0005-03-01"),
        (LATE, "9999-12-31T23:59:59.999999Z"),
        (datetime(5, 1, 1, 2), "0005-01-01 02:00:00.000000"),
    ],
)
def test_partition_values_are_written_as_delta_wants_them(value, text):
    assert partition_text(value) == text


def as_spark_writes_it(table):
    """Spark leaves letters beyond ASCII in a path as they are; delta-rs writes them as %XX."""
    for log in (table / "_delta_log").glob("*.json"):
        log.write_text(log.read_text().replace("%C3%A9", "\u00e9"))


@pytest.mark.parametrize("verb", [["optimize"], ["restore", "--version", "1"]])
def test_a_file_that_delta_rs_cannot_take_out_of_the_table_for_spark_is_refused(capsys, tmp_path, verb):
    table = tmp_path / "t"
    for value in range(2):
        rows = pa.table({"v": [value]})
        add_file(table, rows, partition={"p": "\u00e9"}, folder="p=\u00e9", partition_by=["p"])
    as_spark_writes_it(table)
    before = sorted(table.rglob("*"))
    with pytest.raises(SystemExit) as exit_:
        main(["table", verb[0], str(table), *verb[1:]])
    assert exit_.value.code == 1
    said = capsys.readouterr().err
    assert "p=\u00e9/part-" in said
    assert "Use Spark" in said
    assert sorted(table.rglob("*")) == before


def test_letters_beyond_ascii_are_no_obstacle_where_delta_rs_wrote_them(optimize, tmp_path):
    rows = pa.table({"p": ["\u00e9 ~'/%", "\u5317"], "v": [1, 2]})
    for _ in range(2):
        write_deltalake(str(tmp_path / "t"), rows, mode="append", partition_by=["p"])
    assert optimize(tmp_path / "t")[1]["files_removed"] == 4
    found = tables.read(str(tmp_path / "t")).to_arrow()
    assert sorted(found["p"].to_pylist()) == sorted(rows["p"].to_pylist() * 2)


def test_no_footer_hides_nan(optimize, tmp_path):
    rows = pa.table({"f": [NAN, 1.5], "i": [1, 2], "l": [[NAN], [1.5]], "s": [{"g": NAN}, {"g": 1.5}]})
    for _ in range(2):
        write_deltalake(str(tmp_path / "t"), rows, mode="append")
    optimize(tmp_path / "t")
    (add,) = newest(tmp_path / "t")["add"]
    group = pq.read_metadata(tmp_path / "t" / add["path"]).row_group(0)
    told = {group.column(i).path_in_schema: group.column(i).is_stats_set for i in range(group.num_columns)}
    assert told == {"f": False, "i": True, "l.list.element": False, "s.g": False}
