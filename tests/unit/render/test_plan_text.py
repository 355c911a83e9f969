"""A plan as people read it: everything in it, nothing wider than the terminal, secrets masked."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.planning.render.plan_text import (
    LEGEND,
    WIDEST_VALUE,
    broken,
    plan_text,
    quiet_text,
    setting_text,
)
from launcher.planning.result import Plan
from launcher.spec.finding import Finding
from tests.unit.render.plans import JOB, SCRIPT, SECRETS, TARGETS, settings, shipped, with_secrets

FINDING = Finding(
    "some-rule", "warning", ("spark.executor.cores",), "spark.executor.cores=5 is odd", "write 4"
)


def squeezed(text: str) -> str:
    return "".join(text.split())


def setting_of(plan: Plan, key: str):  # type: ignore[no-untyped-def]
    return next(setting for setting in plan.settings if setting.key == key)


@pytest.mark.parametrize("width", [60, 100, 220])
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("application", [SCRIPT, JOB], ids=lambda app: app.kind)
def test_every_setting_is_told_with_its_reason_in_order(application, target, width):
    plan = shipped(target, application)
    lines = squeezed(plan_text(plan, width))
    at = 0
    for setting in plan.settings:
        at = lines.index(squeezed(setting.key + setting.value), at)
        at = lines.index(squeezed(setting.reason), at)


@pytest.mark.parametrize("width", [80, 100, 160])
@pytest.mark.parametrize("target", TARGETS)
def test_no_line_is_wider_than_the_terminal_but_for_values_that_cannot_be_broken(target, width):
    plan = shipped(target, JOB)
    pieces = {piece.strip() for value in settings(plan).values() for piece in broken(value, 1)}
    long = {piece for piece in pieces if len(piece) > WIDEST_VALUE}
    for line in plan_text(plan, width).splitlines():
        assert line == line.rstrip()
        assert len(line) <= width or long & set(line.split()), line


@pytest.mark.parametrize("target", TARGETS)
def test_a_star_marks_exactly_what_differs_from_sparks_default(target):
    plan = shipped(target, JOB)
    lines = [line for line in plan_text(plan, 160).splitlines() if line[:2] in ("* ", "  ")]
    keys = {line[2:].split()[0]: line[0] for line in lines if line[2:].startswith("spark.")}
    assert keys == {s.key: "*" if s.differs else " " for s in plan.settings}
    assert LEGEND in plan_text(plan, 160)


def test_the_head_tells_what_runs_where_and_on_what():
    assert plan_text(shipped("yarn-8", JOB), 100).splitlines()[:3] == [
        "wordcount on yarn-8 (yarn)",
        "  input      50 GiB (3 files listed)",
        "  executors  1 to 23, 21 at the start; each 5 cores, heap 10.5 GiB and 4.5 GiB beside it",
    ]
    head = plan_text(shipped("dgx-a100-512gb"), 100).splitlines()[:4]
    assert head[0] == "etl on dgx-a100-512gb (standalone)"
    assert head[1].startswith("  input      unknown: ")
    assert head[2].startswith("  executors  4; each 16 cores, 1 GPU, heap 32 GiB")
    assert head[3] == "  GPUs       used: the nodes have 4 A100 each"
    assert (
        plan_text(shipped("laptop"), 100).splitlines()[2].startswith("  executors  the driver itself: 8 th")
    )


def test_origins_are_told_where_somebody_decided():
    text = plan_text(shipped("yarn-8", SCRIPT, "spark.x=1", executor_cores="4"), 140)
    (line,) = [line for line in text.splitlines() if line.startswith("* spark.executor.cores ")]
    assert line.split()[2:5] == ["4", "flag", "--executor-cores"]
    assert "Set by hand\n* spark.x  1  flag  --conf says so; the plan itself leaves this key alone" in text


def test_findings_stand_at_the_end_and_beside_the_setting_that_they_are_about():
    plan = dataclasses.replace(shipped("yarn-8"), findings=(FINDING,))
    last = "warning some-rule: spark.executor.cores=5 is odd\n    mend: write 4"
    assert plan_text(plan, 100).endswith(f"\n\n{last}")
    assert setting_text(plan, setting_of(plan, "spark.executor.cores"), 100).endswith(last)
    assert "some-rule" not in setting_text(plan, setting_of(plan, "spark.executor.memory"), 100)


def test_one_setting_is_told_whole():
    plan = shipped("yarn-8", executor_memory="8g")
    lines = setting_text(plan, setting_of(plan, "spark.executor.memory"), 100).splitlines()
    assert lines[:3] == ["spark.executor.memory = 8g", "  origin       flag", "  Spark's own  1g"]
    assert lines[3].startswith(
        "  why          --executor-memory says so; without pins the plan takes 16128m:"
    )
    assert lines[-1] == "  source       Spark: Tuning, Memory"


@pytest.mark.parametrize("target", TARGETS)
def test_quietly_only_keys_and_values_are_told(target):
    plan = shipped(target, JOB)
    lines = dict(line.split("=", 1) for line in quiet_text(plan).splitlines())
    assert lines == settings(plan)


@pytest.mark.parametrize("target", TARGETS)
def test_no_secret_is_shown(target):
    plan = with_secrets(target)
    shown = [plan_text(plan, 100), quiet_text(plan), *(setting_text(plan, s, 100) for s in plan.settings)]
    assert not any("hunter2" in text for text in shown)
    assert all(f"{key}=***" in quiet_text(plan) for key in SECRETS)


values = st.text(st.sampled_from("ab,: /=-"), max_size=40)


@given(values, st.integers(0, 30))
def test_the_pieces_of_a_value_are_the_value(value, width):
    assert "".join(broken(value, width)) == value


def test_lists_class_paths_and_options_are_broken_and_addresses_are_not():
    assert broken("/a/one.jar,/a/two.jar,/b/three.jar", 22) == ["/a/one.jar,/a/two.jar,", "/b/three.jar"]
    assert broken("/a/one.jar:/a/two.jar", 12) == ["/a/one.jar:", "/a/two.jar"]
    assert broken("-Dx=file:///l.properties -XX:+UseSerialGC", 10) == [
        "-Dx=file:///l.properties ",
        "-XX:+UseSerialGC",
    ]
    assert broken("k8s://https://host:6443/a", 5) == ["k8s://https://host:6443/a"]
