"""Types of values: every fault on its line, with what to write instead."""

from __future__ import annotations

from typing import Literal

import msgspec
import pytest

from launcher.spec.config.decode import decode
from launcher.spec.units import Mib, Seconds
from tests.unit.config.reading import document, refused


class Inner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    count: int


class Thing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    size: Mib | None = None
    wait: Seconds | None = None
    share: float | None = None
    on: bool = False
    mode: Literal["client", "cluster"] = "client"
    inner: Inner | None = None
    conf: dict[str, str] = {}
    items: tuple[str, ...] = ()
    paths: tuple[str, ...] | str = ()


def thing(text: str) -> Thing:
    return decode(document(text), Thing, {"name": "n"})


def test_a_good_file_becomes_the_struct():
    text = "size: 64g\nwait: 30m\nshare: 0\non: true\ninner: {count: 3}\nconf: {spark.x: '4'}\nitems: [a]\n"
    assert thing(text + "paths: a,b\n") == Thing(
        name="n", size=Mib(65536), wait=Seconds(1800), share=0, on=True, inner=Inner(3),
        conf={"spark.x": "4"}, items=("a",), paths="a,b",
    )  # fmt: skip
    assert thing("paths: [a, b]\nsize:\n").paths == ("a", "b")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("sise: 4g", "unknown key sise; did you mean size"),
        ("name: x", "unknown key name"),
        ("inner: {count: 1, cont: 1}", "unknown key inner.cont; did you mean count"),
        ("inner: {}", "inner.count is missing; it is a whole number"),
        ("inner: 4", "inner takes keys of its own, not 4"),
        ("inner: {count: '4'}", "inner.count takes a whole number, not '4'; write 4 without quotes"),
        ("inner: {count: true}", "inner.count takes a whole number, not true"),
        ("inner: {count: 1.5}", "inner.count takes a whole number, not 1.5"),
        ("size: 64", "size takes a size such as 64g or 512m, not 64; write the unit: 64m or 64g"),
        ("size: '64'", "size takes a size such as 64g or 512m, not '64'; write the unit: 64m or 64g"),
        ("size: 64 GiB", "size takes a size such as 64g or 512m, not '64 GiB'; did you mean 64g"),
        ("size: 1.5g", "size takes a size such as 64g or 512m, not '1.5g'"),
        ("size: 100k", "size takes a size such as 64g or 512m, not '100k'"),
        ("size: -4g", "size takes a size such as 64g or 512m, not '-4g'"),
        ("wait: 90", "wait takes a length of time such as 90s, 30m or 2h, not 90; write the unit: 90s"),
        ("wait: soon", "wait takes a length of time such as 90s, 30m or 2h, not 'soon'"),
        ("share: much", "share takes a number, not 'much'"),
        ("on: yes", "on takes true or false, not 'yes'; write true"),
        ("on: 1", "on takes true or false, not 1"),
        ("mode: cluser", "mode takes one of client, cluster, not 'cluser'; did you mean cluster"),
        ("conf: {spark.x: 4}", 'conf.spark.x takes text, not 4; write "4"'),
        ("conf: {spark.x: true}", 'conf.spark.x takes text, not true; write "true"'),
        ("conf: {spark.x: }", "conf.spark.x takes text, not nothing"),
        ("conf: [a]", "conf takes keys of its own, not a list"),
        ("items: a", "items takes a list, not 'a'"),
        ("items: [a, 1]", 'items[1] takes text, not 1; write "1"'),
        ("paths: {a: b}", "paths takes a list or text, not a mapping"),
    ],
)
def test_a_fault_names_line_value_and_mend(line, message):
    assert refused(thing, f"# a comment\n{line}\n") == f"c.yaml:2: {message}"


def test_all_faults_are_told_in_the_order_of_the_file():
    assert refused(thing, "on: maybe\nshare: x\nfoo: 1\n").splitlines() == [
        "c.yaml:1: on takes true or false, not 'maybe'",
        "c.yaml:2: share takes a number, not 'x'",
        "c.yaml:3: unknown key foo",
    ]
