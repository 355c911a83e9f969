"""Mappings: what a JSON file and flags may say, and what they may not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from sparkjobs import mappings
from sparkjobs.batch import behaviour
from sparkjobs.errors import UsageError
from sparkjobs.ingest.declared import parse_types
from sparkjobs.params import canonical, parse
from sparkjobs.transforms.kinds import Counting
from sparkjobs.transforms.mapping import FIELDS, EventMapping, parse_mapping

FIELDS_JSON = {"user": "id", "time": "at", "kind": "'view'", "item": None, "amount": 1.50}


def mapping_of(**changes):
    return parse_mapping(json.dumps({"fields": FIELDS_JSON, **changes}), "m.json")


def test_values_are_expressions_or_constants():
    fields = mapping_of(columns={"at": "Timestamp"}).fields
    assert fields == {"user": "id", "time": "at", "kind": "'view'", "item": "NULL", "amount": "1.5"}


def test_numbers_keep_their_digits():
    text = json.dumps({"fields": FIELDS_JSON}).replace("1.5", "1.50000000000000000001")
    assert parse_mapping(text, "m.json").fields["amount"] == "1.50000000000000000001"


@pytest.mark.parametrize("name", mappings.names())
def test_shipped_mappings_are_whole(name):
    assert set(parse_mapping(mappings.text(name), name).fields) == set(FIELDS)


def test_retail_is_shipped():
    assert "retail" in mappings.names()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"felds": {}}', "'felds'"),
        ('{"fields": {"user": "a"}}', "no 'time'"),
        (json.dumps({"fields": {**FIELDS_JSON, "who": "a"}}), "'who'"),
        (json.dumps({"fields": {**FIELDS_JSON, "user": ["a"]}}), "m.json: user"),
        (json.dumps({"fields": {**FIELDS_JSON, "user": " "}}), "m.json: user"),
        (json.dumps({"fields": FIELDS_JSON, "columns": {"at": "time"}}), "column at: 'time'"),
        (json.dumps({"fields": FIELDS_JSON, "count_kinds": "buy"}), "count_kinds is not a list"),
    ],
)
def test_what_a_mapping_may_not_say(text, said):
    with pytest.raises(UsageError) as raised:
        parse_mapping(text, "m.json")
    assert said in raised.value.message


def test_flags_go_over_the_mapping():
    mapping = mapping_of(columns={"At": "string", "id": "bigint"})
    changed = mapping.override(["amount = price * 2", "kind=if(a=b,'x','y')"], {"at": "timestamp"})
    assert changed.fields["amount"] == "price * 2"
    assert changed.fields["kind"] == "if(a=b,'x','y')"
    assert changed.fields["user"] == "id"
    assert changed.columns == {"id": "bigint", "at": "timestamp"}


@pytest.mark.parametrize("item", ["amount", "amount=", "price=1", "=1"])
def test_what_map_may_not_say(item):
    with pytest.raises(UsageError, match="--map"):
        EventMapping().override([item], {})


def test_a_field_is_mapped_once():
    with pytest.raises(UsageError, match="amount is there twice"):
        EventMapping().override(["amount=1", "amount=2"], {})


def test_types_may_hold_commas_and_colons():
    assert parse_types("a:bigint, p:decimal(18, 4),x:y:Double") == {
        "a": "bigint",
        "p": "decimal(18,4)",
        "x:y": "double",
    }
    assert parse_types(None) == {}


@pytest.mark.parametrize("text", ["a", ":bigint", "a:int8", "a:bigint,a:double", "a:bigint,,b:double"])
def test_types_that_are_refused(text):
    with pytest.raises(ValueError, match=r"not|twice"):
        parse_types(text)


def test_an_edited_mapping_is_other_work(tmp_path):
    file = tmp_path / "m.json"
    file.write_text(json.dumps({"fields": FIELDS_JSON}))
    params = parse(behaviour.Params, ["--input", "x", "--output", "y", "--mapping", str(file)])
    before = canonical(params)
    assert before == canonical(params)
    file.write_text(json.dumps({"fields": {**FIELDS_JSON, "amount": 2}}))
    assert before != canonical(params)
    with pytest.raises(UsageError, match="--mapping"):
        canonical(replace(params, mapping=str(tmp_path / "absent.json")))


def test_a_kind_is_counted_or_a_refund():
    with pytest.raises(UsageError, match="'cancel'"):
        Counting(("buy", "cancel"), ("cancel",))
