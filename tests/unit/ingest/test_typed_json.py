"""JSON lines a block at a time give what ``read_object`` gives line by line: values, bad rows, places."""

from __future__ import annotations

import json
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkjobs.ingest import typed_json
from sparkjobs.ingest.blocks import read_blocks
from sparkjobs.ingest.intake import BAD, FATAL
from sparkjobs.ingest.json_records import Wanted
from sparkjobs.ingest.json_slow import read_lines
from sparkjobs.ingest.lines import text_lines
from sparkjobs.ingest.model import Block, InputFile
from sparkjobs.ingest.reading import Source
from sparkjobs.ingest.splits import cut
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.ingest.typed_batches import typed_batch
from sparkjobs.ingest.typed_json import TypedJsonReader, typed_objects
from sparkjobs.ingest.typing import Column

COLUMNS = (
    Column("id", "string"),
    Column("value", "decimal(12,3)"),
    Column("count", "bigint", required=False),
    Column("ratio", "double", required=False),
    Column("ok", "boolean", required=False),
    Column("at", "timestamp", required=False, source="time"),
    Column("part", "string", required=False, partition=True),
    Column("again", "string", required=False, source="value"),
)
NAMES = tuple(dict.fromkeys(column.input_name for column in COLUMNS))


def source(ignore_extra=False):
    return Source(("f",), "jsonl", False, S3Settings(), "0", ignore_extra=ignore_extra)


def rows(batches):
    """Good rows and bad rows, exact, in an order of their own."""
    good, bad = [], []
    for batch in batches:
        for row in batch.to_pylist():
            fault, fatal = row.pop(BAD), row.pop(FATAL)
            assert fatal is None
            if fault is None:
                good.append(repr(list(row.values())))
            else:
                assert not any(value is not None for value in row.values())
                bad.append(tuple(fault.values()))
    return sorted(good), sorted(bad, key=repr)


def by_line(data, columns, ignore_extra, *, numbered=True, offset=0):
    block = Block(data, offset, 1 if numbered else None)
    wanted = Wanted.of(columns, source(ignore_extra))
    records = read_lines(block, "f", text_lines(block, "f"), wanted)
    return rows([typed_batch(records, columns, None)])


def by_block(data, columns, ignore_extra, offset=0):
    wanted = Wanted.of(columns, source(ignore_extra))
    return rows(typed_objects(Block(data, offset, 1), "f", columns, wanted))


def agree(data, columns=COLUMNS):
    for ignore_extra in (False, True):
        assert by_block(data, columns, ignore_extra) == by_line(data, columns, ignore_extra)


texts = st.text(st.characters(codec="utf-8", exclude_characters='"\\'), max_size=6)
numbers = st.one_of(
    st.integers(-(10**12), 10**12).map(str),
    st.integers(2**53 - 2, 2**53 + 2).map(str),
    st.integers(2**63 - 2, 2**63 + 2).map(str),
    st.decimals(-(10**9), 10**9, places=3).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(
        "0 -0 -0.0 01 -01 +1 1. .5 - 1e3 1E-2 1e400 0x1 NaN Infinity -Infinity 1_0 1,2 --1 1.2.3".split()
    ),
    st.sampled_from(
        ["9" * 400, "9" * 1001, "9" * 4400, "0." + "0" * 1000 + "1", "1 2", "1e99999999999999999999", "٣"]
    ),
)
scalars = st.one_of(
    numbers,
    st.sampled_from(["null", "true", "false", "True", "nul", "", "[]", "{}", "[1]", '{"a":1}', '["x"]']),
    texts.map(lambda text: json.dumps(text, ensure_ascii=False)),
    texts.map(lambda text: f'"{text}"'),
    st.text(max_size=4).map(json.dumps),
    st.sampled_from(["2026-01-31", "2026-01-31T05:00:00Z", "2026-02-30"]).map(json.dumps),
    st.sampled_from(['"\\ud800"', '"\\u0041"', '"\\/"', '"\\x"', '"\t"', '"__HIVE_DEFAULT_PARTITION__"']),
)
fitting = {
    "id": texts.map(lambda text: json.dumps(text, ensure_ascii=False)),
    "value": st.decimals(-(10**8), 10**8, places=2).map(str),
    "count": st.one_of(st.just("null"), st.integers(-(2**63), 2**63 - 1).map(str)),
    "ratio": st.one_of(st.just("null"), st.floats(-1e6, 1e6).map(repr)),
    "ok": st.sampled_from(["true", "false", "null"]),
    "time": st.sampled_from(['"2026-01-31"', '"1969-12-31 23:59:59.999999"', "null"]),
    "part": st.one_of(st.just("null"), st.integers(0, 9).map(str), st.just('"p"')),
}


@st.composite
def objects(draw):
    """A line that is a flat object, or nearly one."""
    hostile = draw(st.sampled_from([(), (), NAMES, *((name,) for name in NAMES)]))
    pairs = [(json.dumps(name), draw(scalars if name in hostile else fitting[name])) for name in NAMES]
    if draw(st.integers(0, 3)) == 0:
        pairs = draw(st.permutations(pairs))
    if draw(st.integers(0, 4)) == 0:
        pairs += draw(
            st.lists(st.tuples(st.sampled_from(['"x"', '"y"', '"id"', '"i\\u0064"']), scalars), max_size=3)
        )
    if draw(st.integers(0, 9)) == 0:
        pairs = pairs[1:]
    colon, comma = draw(st.sampled_from([(":", ","), (": ", ", "), (" : ", " , "), (":\t", ",  ")]))
    return "{" + comma.join(name + colon + value for name, value in pairs) + "}"


@st.composite
def lines(draw):
    """An object, sometimes with some bytes changed, or a line of another kind."""
    line = draw(objects()).encode("utf-8", "surrogatepass")
    way = draw(st.integers(0, 11))
    if way == 0:
        at = draw(st.integers(0, len(line)))
        piece = draw(
            st.one_of(st.sampled_from(b'"\\{}[],: \t0-n\0\xff\r\n'.hex(" ").split()).map(bytes.fromhex))
        )
        return line[:at] + piece + line[at + draw(st.integers(0, 1)) :]
    if way == 1:
        return line[: draw(st.integers(0, len(line)))]
    if way == 2:
        blank = [b"", b" ", b"\t", "\u3000".encode()]
        others = [b"{}", b"[]", b"1", b'"a"', b"null", b"\xef\xbb\xbf{}", b"[" * 5000]
        return draw(
            st.sampled_from([*blank, *others, line * 2, line + b" ", b" " + line, line + b",", line + b"x"])
        )
    return line


files = st.tuples(
    st.lists(
        st.tuples(lines(), st.sampled_from([b"\n", b"\n", b"\n", b"\r\n", b"\r"])), min_size=1, max_size=12
    ),
    st.booleans(),
).map(
    lambda found: (
        b"".join(line + end for line, end in found[0][:-1])
        + found[0][-1][0]
        + (found[0][-1][1] if found[1] else b"")
    )
)


@settings(max_examples=300, deadline=None)
@given(files)
def test_a_block_is_read_as_its_lines_are(data):
    agree(data)


@settings(max_examples=60, deadline=None)
@given(files, st.integers(1, 200), st.integers(1, 300), st.integers(20, 300))
def test_at_any_cutting(tmp_path_factory, data, block, piece, size):
    path = tmp_path_factory.mktemp("cut") / "f"
    path.write_bytes(data)
    file = InputFile(str(path), len(data))
    reader = TypedJsonReader(COLUMNS, source(), piece)
    with (
        mock.patch.object(typed_json, "read_blocks", lambda split, s3: read_blocks(split, s3, block)),
        mock.patch.object(typed_json, "displayed", return_value="f"),
    ):
        good, bad = rows([batch for split in cut(file, size) for batch in reader(split)])
    whole = data.removeprefix(b"\xef\xbb\xbf")
    wanted_good, wanted_bad = by_line(whole, COLUMNS, False, offset=len(data) - len(whole))
    assert good == wanted_good
    # Past the first cut line numbers are not known.
    assert sorted((row[2], *row[3:]) for row in bad) == sorted((row[2], *row[3:]) for row in wanted_bad)
    assert all(
        mine[1] in (theirs[1], None)
        for mine, theirs in zip(
            sorted(bad, key=lambda row: row[2]), sorted(wanted_bad, key=lambda row: row[2]), strict=True
        )
    )


@st.composite
def one_changed_byte(draw):
    """Lines written alike, and a byte changed, left out or put in."""
    style = draw(st.sampled_from([(":", ","), (": ", ", ")]))
    names = draw(st.permutations(NAMES))
    kept = [
        "{" + style[1].join(json.dumps(name) + style[0] + draw(fitting[name]) for name in names) + "}\n"
        for _ in range(draw(st.integers(2, 4)))
    ]
    data = "".join(kept).encode()
    at = draw(st.integers(0, len(data) - 1))
    byte = draw(st.sampled_from([bytes([code]) for code in b'"\\{}[],: \t0-.+enx\0\xff\r\n'] + [b""]))
    return data[:at] + byte + data[at + draw(st.integers(0, 1)) :]


@settings(max_examples=400, deadline=None)
@given(one_changed_byte())
def test_one_changed_byte(data):
    agree(data)


def test_every_place_of_a_line_may_be_broken():
    line = b'{"a": "x", "b": 1.5, "c": null, "d": "y"}\n'
    columns = [Column("a", "string"), Column("b", "decimal(9,2)"), Column("c", "bigint", required=False)]
    columns.append(Column("d", "string"))
    for at in range(len(line)):
        for byte in [bytes([code]) for code in b'"\\{}[],: \t0-.+enx\0\xff\r\n'] + [b""]:
            for more in (0, 1):
                agree(line + line[:at] + byte + line[at + more :] + line, columns)


@pytest.mark.parametrize(
    "data",
    [
        "".join(f'{{"id": "{i}", "value": {i}.25, "time": "2026-01-31"}}\n' for i in range(9)),
        "".join(f'{{"id":"{i}","value":{i}.25,"time":null}}\r\n' for i in range(9)),
        '{"value":-1,"time":null,"id":"a"}\r{"id":null,"time":"2026-01-31T05:00","value":0.5}',
        '{"id":5,"value":1,"time":null}\n{"id":true,"value":1,"time":null}\n{"id":"é","value":1,"time":null}\n',
        '{"id": "a", "value": 12345678901234567890.125, "time": null}\n',
    ],
)
def test_plain_lines_are_not_read_one_by_one(data, monkeypatch):
    columns = [Column("id", "string", required=False), Column("value", "decimal(30,3)")]
    columns.append(Column("time", "timestamp", required=False))
    expected = by_line(data.encode(), columns, False)
    assert not expected[1]

    def refuse(*_):
        raise AssertionError("read by itself")

    monkeypatch.setattr("sparkjobs.ingest.json_slow.read_object", refuse)
    assert by_block(data.encode(), columns, False) == expected


def test_extra_fields_are_passed_over_at_once_and_there_once(monkeypatch):
    columns = [Column("id", "string")]
    good = b'{"x":"1","id":"a","y":1e5}\n{"id":"b","z":null,"y":true}\n{"id":"c","x":-1.5E-3}\n'
    bad = b'{"x":1,"id":"a","x":2}\n{"id":"a","y":01}\n{"id":"a","y":nul}\n'
    for data in (good, bad, good + bad, bad[:23] + bad[:23] + good):
        agree(data, columns)
    monkeypatch.setattr("sparkjobs.ingest.json_slow.read_object", None)
    assert len(by_block(good, columns, True)[0]) == 3
