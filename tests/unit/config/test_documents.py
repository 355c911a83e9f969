"""YAML as plain data with places, and what is not read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.spec.config.documents import MOST_BYTES, parse_document, read_document
from sparkjobs.errors import UsageError
from tests.unit.config.reading import document, refused


def test_values_are_those_of_yaml_1_2():
    text = "a: on\nb: yes\nc: true\nd: 2026-01-31\ne: 1:30\nf: 010\ng: 1.5\nh:\ni: '4'\nj: 1_000\nk: <<\n"
    assert document(text).data == {
        "a": "on", "b": "yes", "c": True, "d": "2026-01-31", "e": "1:30", "f": 10, "g": 1.5, "h": None,
        "i": "4", "j": "1_000", "k": "<<",
    }  # fmt: skip


def test_a_key_is_its_text():
    assert document("null: 1\n4: 2\ntrue: 3\n").data == {"null": 1, "4": 2, "true": 3}


def test_every_value_has_its_line_and_its_text():
    read = document("# first\nnodes:\n  gpu: {count: 4}\nfiles:\n  - a\n  - 1.50\n")
    assert read.place(("nodes",)) == "c.yaml:2"
    assert read.line(("nodes", "gpu", "count")) == 3
    assert read.line(("files", 1)) == 6
    assert read.spots[("files", 1)].text == "1.50"
    assert read.line(("nodes", "missing", "deep")) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "c.yaml:3: the key a is there already, on line 1"),
        ("a:\n  b: 1\n  b: 1\n  c: 1\n  c: 1\n", "c.yaml:3: the key b .*\nc.yaml:5: the key c .*"),
        ("? [a]\n: 1\n", "c.yaml:1: a key is text, not a list"),
        ("a: &x 1\n", "c.yaml:1: anchors and aliases are not read; .*"),
        ("a: 1\nb: *x\n", "c.yaml:2: anchors and aliases are not read; .*"),
        ("a: !!python/object/apply:os.system [ls]\n", "c.yaml:1: the tag .*os.system is not read; .*"),
        ("a: !!str 5\n", "c.yaml:1: the tag .* is not read; .*"),
        ("a: " + "[" * 100_000, "c.yaml:1: nested too deeply"),
        ("a: [" + "1," * 100_000 + "]", "c.yaml:1: the file holds more than 10000 keys and values"),
        ("a: 1\nb: [1\n", "c.yaml:3: .*"),
        ("a: 1\n---\nb: 1\n", "c.yaml:2: .*single document.*"),
        ("a: x\x01\n", "c.yaml:1: .*character.*"),
        ('a: 1\nb: ["x\\0y"]\n', "c.yaml:2: a text holds the character NUL, .*"),
        ("", "c.yaml:1: the file holds no keys; .*"),
        ("- a\n", "c.yaml:1: the file holds no keys; .*"),
        ("# only words\n", "c.yaml:1: the file holds no keys; .*"),
        ("a:\n\tb: 1\n", "c.yaml:2: .*"),
    ],
)
def test_what_is_not_read_is_refused_with_its_line(text, message):
    import re

    assert re.fullmatch(message, refused(document, text)) is not None


def test_bytes_that_are_no_text_are_refused():
    assert refused(parse_document, b"a: 1\nb: \xff\n", "c.yaml").startswith("c.yaml:2: this is not UTF-8")
    assert parse_document(b"\xef\xbb\xbfa: 1\n", "c.yaml").data == {"a": 1}


def test_a_file_may_not_be_large_and_must_be_a_file(tmp_path: Path):
    large = tmp_path / "large.yaml"
    large.write_bytes(b"a: 1\n" + b"#" * MOST_BYTES)
    assert refused(read_document, large, "large.yaml") == "large.yaml is larger than 1 MiB"
    assert "Is a directory" in refused(read_document, tmp_path, "folder")


@given(
    st.binary(max_size=200)
    | st.text(alphabet="ab:-[]{}&*!<>|'\"#%@`,? \n\t~0123.e+", max_size=80).map(str.encode)
)
def test_any_bytes_give_a_mapping_or_a_refusal_with_a_line(content):
    try:
        data = parse_document(content, "c.yaml").data
    except UsageError as error:
        data = {"told": error.message}
        message = error.message.startswith("c.yaml:")
    else:
        message = True
    assert isinstance(data, dict)
    assert message
