"""Records of a log: one record is one row, whatever it holds; bad ones keep their place and their bytes."""

from __future__ import annotations

import base64
import csv
import io
import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkjobs.ingest.intake import BAD
from sparkjobs.ingest.messages.parse import CsvValues, JsonValues, TextValues, bad_row, fault
from sparkjobs.ingest.messages.quick import typed_records
from sparkjobs.ingest.messages.reading import _line_batch
from sparkjobs.ingest.messages.records import Messages, messages_of, read_records
from sparkjobs.ingest.typed_batches import typed_batch
from sparkjobs.ingest.typing import Column

CSV = CsvValues(2, (1, 0), ",", "")
JSON = JsonValues(("a", "b"), ("bigint", "string"), False)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        ("1,x", ["x", "1"]),
        ("1,x\n", ["x", "1"]),
        ("1,x\r\n", ["x", "1"]),
        ("1,x\n\n", ["x", "1"]),
        ("1,", [None, "1"]),
        ('1,"x,""y""\nz"', ['x,"y"\nz', "1"]),
        (" 1 , x", [" x", " 1 "]),
    ],
)
def test_a_record_of_csv(value, fields):
    assert CSV(value) == fields


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("1", "1 fields, --columns names 2"),
        ("1,2,3", "3 fields"),
        ("1,x\n2,y", "2 rows in one record; one record is one row"),
        ("", "an empty value"),
        ("\n", "an empty value"),
        ('1,"x', "not CSV"),
        ('1,"x"y', "not CSV"),
    ],
)
def test_what_is_no_row_of_csv(value, said):
    with pytest.raises(ValueError, match=said):
        CSV(value)


@given(st.lists(TEXT, min_size=2, max_size=2))
def test_any_fields_come_back(fields):
    written = io.StringIO(newline="")
    csv.writer(written).writerow(fields)
    assert CSV(written.getvalue()) == [fields[1], fields[0]]


@pytest.mark.parametrize("value", ['{"a": 1, "b": "x"}', '\n{\n "b": "x",\n "a": 1\n}\n'])
def test_an_object_may_take_several_lines(value):
    assert JSON(value) == ["1", "x"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("", "an empty value"),
        (" \n", "an empty value"),
        ('{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}', "not JSON: Extra data"),
        ("[1]", "a JSON list, not an object"),
        ('{"a": 1}', "no field 'b'"),
        ('{"a": 1, "b": "x", "c": 2}', "unknown field 'c'"),
    ],
)
def test_what_is_no_object(value, said):
    with pytest.raises(ValueError, match=said):
        JSON(value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "no value: a tombstone"),
        (b"\0\0\0\1\2x", "a value of a schema registry (schema id 258): Avro and the like are not read"),
        (b"a\0b", "a NUL character"),
        (b"\xff", "not UTF-8"),
        (b"", None),
        ("\u00e9".encode(), None),
    ],
)
def test_why_a_value_is_no_text(value, reason):
    assert fault(value) == reason


@given(st.none() | st.binary())
def test_no_byte_of_a_bad_record_is_lost(value):
    row = bad_row("kafka://t/0", 5, "why", value)
    assert (row.file, row.line, row.offset) == ("kafka://t/0", None, 5)
    if row.reason == "why (raw is base64)":
        assert base64.b64decode(row.raw) == value
    else:
        assert row.reason == "why"
        assert row.raw.encode() == (value or b"")


def test_records_become_rows_with_their_places():
    batch = pa.record_batch(
        {
            "value": pa.array([b'{"v": 1}', None, b'{"v": "x"}', b'{"v": 4}', b'{"v": 5}'], pa.binary()),
            "key": pa.array([b"k", b"k", b"k", b"\xff", None], pa.binary()),
            "partition": pa.array([0, 0, 0, 1, 1], pa.int32()),
            "offset": pa.array([7, 8, 9, 3, 4], pa.int64()),
            "micros": pa.array([1_123_456, 0, 0, 0, -1], pa.int64()),
        }
    )
    columns = (
        Column("v", "bigint"),
        Column("key", "string", source="kafka_key", required=False),
        Column("part", "bigint", source="kafka_partition"),
        Column("offset", "decimal(20,0)", source="kafka_offset"),
        Column("at", "timestamp", source="kafka_timestamp"),
    )
    names = tuple(column.input_name for column in columns)
    read = JsonValues(("v",), ("bigint",), False)
    rows = []
    for messages in messages_of(batch, "kafka://t", names):
        rows += typed_batch(read_records(messages, names, read), columns, None).to_pylist()
    good = [row for row in rows if row[BAD] is None]
    assert [(row["v"], row["key"], row["part"], int(row["offset"])) for row in good] == [
        (1, "k", 0, 7),
        (5, None, 1, 4),
    ]
    assert [row["at"].isoformat() for row in good] == [
        "1970-01-01T00:00:01.123456+00:00",
        "1969-12-31T23:59:59.999999+00:00",
    ]
    bad = [row[BAD] for row in rows if row[BAD] is not None]
    assert [(row["file"], row["offset"], row["reason"], row["raw"]) for row in bad] == [
        ("kafka://t/0", 8, "no value: a tombstone", ""),
        ("kafka://t/0", 9, "v: a string, not a bigint", '{"v": "x"}'),
        ("kafka://t/1", 3, "kafka_key: not UTF-8", '{"v": 4}'),
    ]


VALUE = st.one_of(
    st.none(),
    st.binary(max_size=6),
    st.builds(
        lambda one, indent: json.dumps(one, indent=indent).encode(),
        st.dictionaries(
            st.sampled_from(["a", "b", "c"]),
            st.one_of(
                st.none(), st.integers(), st.text(max_size=4), st.floats(allow_nan=False), st.just([1])
            ),
        ),
        st.none() | st.just(1),
    ),
)


@given(
    st.lists(st.tuples(VALUE, st.none() | st.binary(max_size=2)), max_size=12),
    st.booleans(),
    st.sampled_from(["bigint", "string", "decimal(38,9)", "timestamp"]),
)
def test_the_quick_way_gives_the_rows_of_the_slow_one(records, ignore_extra, kind):
    columns = (
        Column("a", kind, required=False),
        Column("key", "string", source="kafka_key", required=False),
        Column("b", "string", required=False),
    )
    names = tuple(column.input_name for column in columns)
    own = [column for column in columns if column.name != "key"]
    read = JsonValues(("a", "b"), tuple(column.kind.partition("(")[0] for column in own), ignore_extra)
    messages = Messages("f", 0, [v for v, _ in records], list(range(len(records))), [k for _, k in records])
    slow = typed_batch(read_records(messages, names, read), columns, None).to_pylist()
    quick = [row for batch in typed_records(messages, columns, read) for row in batch.to_pylist()]
    assert sorted(map(str, quick)) == sorted(map(str, slow))


@given(st.lists(st.none() | st.binary(max_size=6), max_size=20))
def test_each_record_is_one_line_or_one_bad_row(values):
    batch = _line_batch(Messages("kafka://t/0", 0, values, list(range(len(values)))))
    rows = batch.to_pylist()
    assert len(rows) == len(values)
    offsets = [row["offset"] if row[BAD] is None else row[BAD]["offset"] for row in rows]
    assert sorted(offsets) == list(range(len(values)))
    for row in rows:
        if row[BAD] is None:
            assert row["value"].encode() == values[row["offset"]]


@given(st.lists(st.dictionaries(st.sampled_from("ab"), st.integers(-5, 5) | st.text(max_size=3)), max_size=9))
def test_json_records_agree_with_python(objects):
    values = [json.dumps(one).encode() for one in objects]
    messages = Messages("f", 0, values, list(range(len(values))))
    records = read_records(messages, ("a",), JsonValues(("a",), ("string",), True))
    expected = [
        str(one["a"])
        for one in objects
        if "a" in one and not (isinstance(one["a"], str) and any("\ud800" <= c <= "\udfff" for c in one["a"]))
    ]
    assert records.columns[0].to_pylist() == expected
    assert len(records.bad) == len(values) - len(expected)


def test_records_of_text_have_one_column_beside_their_places():
    batch = pa.record_batch(
        {
            "value": pa.array([b"a b", None, b""], pa.binary()),
            "key": pa.array([None] * 3, pa.binary()),
            "partition": pa.array([0] * 3, pa.int32()),
            "offset": pa.array([7, 8, 9], pa.int64()),
            "micros": pa.array([1, 2, 3], pa.int64()),
        }
    )
    columns = (Column("value", "string"), Column("time", "timestamp", source="kafka_timestamp"))
    names = tuple(column.input_name for column in columns)
    (messages,) = messages_of(batch, "kafka://t", names)
    rows = typed_batch(read_records(messages, names, TextValues(1)), columns, None).to_pylist()
    good = [(row["value"], row["time"].microsecond) for row in rows if row[BAD] is None]
    assert good == [("a b", 1), ("", 3)]
    assert [row[BAD]["reason"] for row in rows if row[BAD] is not None] == ["no value: a tombstone"]


@pytest.mark.parametrize("micros", [10**18, -(10**18), 2**63 - 1])
def test_a_time_that_no_calendar_has_makes_its_record_a_bad_row(micros):
    values = [b'{"a": 1, "b": "x"}', b'{"a": 2, "b": "y"}']
    messages = Messages("kafka://t/0", 0, values, [7, 8], micros=[0, micros])
    names = ["a", "kafka_timestamp"]
    read = JsonValues(("a",), ("bigint",), True)
    (bad,) = read_records(messages, names, read).bad
    assert (bad.offset, "beyond the calendar" in bad.reason) == (8, True)
    columns = [Column("a", "bigint"), Column("time", "timestamp", source="kafka_timestamp")]
    batches = list(typed_records(messages, columns, read))
    assert sum(batch.num_rows for batch in batches) == 2  # the bad one as what it is
