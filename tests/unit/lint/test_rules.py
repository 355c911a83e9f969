"""Every rule fires where it should, and is silent where it must not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.planning.lint.check import RULES, check
from launcher.planning.lint.configuration import Configuration
from launcher.spec.known_keys import known
from tests.unit.lint import cases_running, cases_sizes, cases_values
from tests.unit.lint.case import TABLE, Case, cluster

CASES = (*cases_running.CASES, *cases_sizes.CASES, *cases_values.CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{'-'.join(case.fires.values())[:30]}")
def test_a_rule_fires_and_falls_silent(case: Case) -> None:
    found = [finding for finding in check(case.firing()) if finding.id == case.rule]
    assert found
    assert any(case.words in finding.message for finding in found), found
    assert case.rule not in [finding.id for finding in check(case.quiet())]


def test_every_rule_has_a_case() -> None:
    assert {case.rule for case in CASES} == {rule.id for rule in RULES}


def test_ids_are_unique_and_in_kebab_case() -> None:
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
    assert [name for name in ids if not re.fullmatch(r"[a-z]+(-[a-z]+)*", name)] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_in_a_sentence_what_it_finds_and_what_to_do(rule) -> None:
    assert re.fullmatch(r"[A-Z][^\n]*\.", rule.summary)
    assert rule.remedy


def test_errors_come_before_warnings_and_infos() -> None:
    c = Configuration({"spark.speculation": "true", "spark.executor.memory": "8"}, TABLE)
    assert [finding.severity for finding in check(c)] == ["error", "warning", "info"]


def test_a_silenced_rule_does_not_speak() -> None:
    c = Configuration({"spark.speculation": "true"}, TABLE)
    assert [finding.id for finding in check(c)] == ["speculation-repeats-effects"]
    assert check(c, {"speculation-repeats-effects": "the tasks only compute"}) == ()


@pytest.mark.parametrize("key", ["spark.driver.memory", "spark.executor.memory"])
@pytest.mark.parametrize(
    "text",
    ["1", "4", "63", "64", "300", "449", "450", "4096", "460800", "1048576", "471859199", "1073741824",
     "2gb", "1b", "471859199b", "471859200b", "1p", "512kb"],
)  # fmt: skip
def test_a_size_that_a_mend_names_is_taken(key: str, text: str) -> None:
    ids = {"heap-below-minimum", "driver-memory-spelling"}
    for finding in check(Configuration({key: text}, TABLE)):
        named = re.fullmatch(rf"Set {re.escape(key)}=(.+)\.", finding.fix)
        if finding.id in ids and named:
            assert not ids & {after.id for after in check(Configuration({key: named[1]}, TABLE))}


def test_no_message_holds_a_secret() -> None:
    values = {
        "spark.hadoop.fs.s3a.secret.key": "hunter2",
        "spark.yarn.keytab": "hunter2",
        "spark.sql.hive.verifyPartitionPath": "https://user:hunter2@example.com",
    }
    c = Configuration(
        values, TABLE, dict.fromkeys(values, "--conf"), cluster(enforced=dict.fromkeys(values, "other"))
    )
    text = " ".join(finding.message + finding.fix for finding in check(c) if "keytab" not in finding.message)
    assert "secret.key" in text
    assert "hunter2" not in text


KEYS = st.one_of(st.sampled_from(sorted(known().names)), st.from_regex(r"spark\.[\w.]{0,20}", fullmatch=True))
WORDS = (
    "true",
    "1",
    "-1",
    "0",
    "4g",
    "1.5g",
    "infinity",
    "local[*]",
    "local[2]",
    "yarn",
    "spark://h:1",
    "k8s://h",
)
VALUES = st.one_of(st.sampled_from(WORDS), st.text(max_size=12), st.integers().map(str))
NUMBERED = st.sampled_from(
    [
        key
        for key in sorted(known().names)
        if re.search(r"executor|dynamicAlloc|gpu|memory|cores|cpus|master", key)
    ]
    + ["spark.master", "spark.executor.resource.gpu.amount", "spark.task.resource.gpu.amount", "spark.jars"]
)


@given(
    values=st.dictionaries(st.one_of(KEYS, NUMBERED), VALUES, max_size=15),
    facts=st.dictionaries(st.sampled_from(["spark_version", "scala_version", "classpath", "source"]), VALUES),
    target=st.sampled_from([None, cluster(), cluster("standalone", secure=True), cluster("kubernetes")]),
)
def test_the_linter_takes_any_text(values, facts, target) -> None:
    configuration = Configuration(values, TABLE, cluster=target, facts=facts)
    assert check(configuration) == check(configuration)
