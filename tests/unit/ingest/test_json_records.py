"""JSON lines: strict types, every digit kept."""

from __future__ import annotations

import pytest

from sparkjobs.ingest.json_records import read_object

NAMES = ("id", "value")


def read(line, kinds=("string", "decimal"), ignore=False):
    return read_object(line, NAMES, kinds, ignore)


def test_numbers_keep_their_digits():
    assert read('{"id": 5, "value": 0.10000000000000000555}') == ["5", "0.10000000000000000555"]
    assert read('{"value": 1e3, "id": null}') == [None, "1000"]
    assert read('{"id": "x", "value": 12345678901234567890123}') == ["x", "12345678901234567890123"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON"),
        ("[1]", "a JSON list, not an object"),
        ('{"id": "a"}', "no field 'value'"),
        ('{"id": "a", "value": 1, "x": 2}', "unknown field 'x'"),
        ('{"id": "a", "value": "1"}', "value: a string, not a decimal"),
        ('{"id": {"a": 1}, "value": 1}', "id: a nested value, not a string"),
        ('{"id": "a", "value": true}', "value: a boolean, not a decimal"),
        ('{"id": "a", "value": 1, "value": 2}', "the field 'value' is there twice"),
        ('{"id": "a", "value": 1, "\\u0069d": "b"}', "the field 'id' is there twice"),
        ('{"id": {"x": 1, "x": 1}, "value": 1}', "the field 'x' is there twice"),
        ('{"id": "a", "value": NaN}', "NaN is not a number"),
        ("[" * 100_000, "nested too deeply"),
        ('{"id": "a", "value": 1e50000000}', "more than 1000 digits"),
        ('{"id": "a", "value": 1e-50000000}', "more than 1000 digits"),
        ('{"id": "a", "value": 1e99999999999999999999}', "the number '1e9+' has an exponent beyond all use"),
        ('{"id": "\\ud800", "value": 1}', "half of a surrogate pair"),
    ],
)
def test_bad_rows(line, reason):
    with pytest.raises(ValueError, match=reason):
        read(line)


def test_extra_fields_can_be_passed_over():
    assert read('{"id": "a", "value": 1, "x": 2}', ignore=True) == ["a", "1"]


def test_fields_that_are_passed_over_are_there_once_too():
    with pytest.raises(ValueError, match="'y' is there twice"):
        read('{"id": "a", "value": 1, "more": [{"y": 1, "y": 2}]}', ignore=True)
