"""Which way an operator takes, by the settings alone; a plan tells what the job will choose."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from launcher.intake.invocation import Invocation
from launcher.intake.read_application import application
from launcher.intake.subject import subject
from launcher.planning.render.plan_json import plan_document
from launcher.planning.render.plan_text import plan_text
from launcher.spec.application import Application
from sparkjobs import catalogue
from sparkjobs.errors import UsageError
from sparkjobs.strategies import OPERATORS, on_gpu, strategies, strategy, unheard
from tests.unit.render.plans import SCRIPT, shipped

PLUGIN = "com.nvidia.spark.SQLPlugin"
GPU = {"spark.plugins": PLUGIN}


@pytest.mark.parametrize(
    ("settings", "answer"),
    [
        ({}, False),
        (GPU, True),
        ({"spark.plugins": f"a.B, {PLUGIN}"}, True),
        ({"spark.plugins": f"{PLUGIN}2"}, False),
        ({"spark.rapids.sql.enabled": "true"}, False),
        ({**GPU, "spark.rapids.sql.enabled": " False"}, False),
        ({**GPU, "spark.rapids.sql.enabled": "true"}, True),
        ({**GPU, "spark.rapids.sql.mode": "explainOnly"}, True),
    ],
)
def test_a_gpu_is_where_the_plugin_plans(settings: dict[str, str], answer: bool) -> None:
    assert on_gpu(settings) is answer


@pytest.mark.parametrize("operator", ["grouped_statistics", "describe"])
def test_the_gpu_gets_expressions_and_the_cpu_its_kernel(operator: str) -> None:
    assert strategy(GPU, operator).way == "native"
    assert strategy({}, operator).way == "kernel"
    for settings in ({}, GPU):
        for way in ("native", "kernel"):
            found = strategy(settings, operator, way)
            assert (found.way, found.forced) == (way, True)
            assert unheard([found], way) == []


@pytest.mark.parametrize(("operator", "way"), [("words", "kernel"), ("sums", "native")])
def test_an_operator_with_one_way_keeps_it_and_says_so(operator: str, way: str) -> None:
    other = {"kernel": "native", "native": "kernel"}[way]
    found = strategies(GPU, [operator], other)
    assert [(item.way, item.forced) for item in found] == [(way, False)]
    [line] = unheard(found, other)
    assert line.startswith(f"--strategy {other}: {operator} has only the {way} way")
    assert unheard(found, way) == unheard(found, "auto") == []


@pytest.mark.parametrize("name", [name for name in catalogue.BUILT_IN if not catalogue.get(name).streaming])
def test_every_batch_job_names_its_operators(name: str) -> None:
    found = catalogue.get(name).operators(None)
    assert found
    assert set(found) <= OPERATORS.keys()


def test_every_operator_belongs_to_a_job() -> None:
    used = {op for name in catalogue.BUILT_IN for op in catalogue.get(name).operators(None)}
    assert used | {"ungrouped_statistics"} == OPERATORS.keys()


def planned(target: str, *arguments: str, input_bytes: int | None = 1 << 30) -> list[dict[str, str]]:
    return plan_document(shipped(target, app(*arguments, input_bytes=input_bytes)))["strategies"]


def app(name: str, *arguments: str, input_bytes: int | None = 1 << 30) -> Application:
    start = Path.cwd()
    invocation = Invocation(name, arguments, start, input_bytes=input_bytes)
    return application(subject(name, {"HOME": "/nowhere"}, start), invocation, {"HOME": "/nowhere"})


ASKED = ("--input", "in", "--output", "out", "--key-columns", "k")


def test_a_plan_tells_the_ways() -> None:
    found = {item["operator"]: item["way"] for item in planned("dgx-a100-512gb", "analytics", *ASKED)}
    assert found == {"scores": "native", "describe": "native", "grouped_statistics": "native"}
    found = {item["operator"]: item["way"] for item in planned("yarn-8", "analytics", *ASKED)}
    assert found == {"scores": "native", "describe": "kernel", "grouped_statistics": "kernel"}
    assert all(list(item) == ["operator", "way", "reason"] for item in planned("yarn-8", "wordcount"))


def test_a_plan_follows_the_flag_and_the_parameters() -> None:
    found = planned("yarn-8", "analytics", *ASKED, "--strategy", "native")
    assert {item["way"] for item in found} == {"native"}
    assert [item["operator"] for item in planned("yarn-8", "analytics", *ASKED[:4])] == [
        "scores", "describe", "ungrouped_statistics",
    ]  # fmt: skip


def test_arguments_may_be_missing_in_a_plan_of_known_size_only() -> None:
    assert len(planned("yarn-8", "analytics", "--window", "1 hour")) == 3
    with pytest.raises(UsageError):
        app("analytics", "--window", "1 hour", input_bytes=None)


def test_the_plan_of_a_script_has_none() -> None:
    assert plan_document(shipped("yarn-8", SCRIPT))["strategies"] == []


def test_people_see_the_ways_too() -> None:
    text = plan_text(shipped("yarn-8", app("analytics", *ASKED)), 100)
    assert "\n  native     scores\n" in text
    assert "\n  kernel     describe, grouped_statistics\n" in text


def test_the_flag_is_no_part_of_a_runs_identity() -> None:
    field = next(f for f in dataclasses.fields(catalogue.get("sum_by_key").params) if f.name == "strategy")
    assert field.metadata["identity"] is False
    assert field.default == "auto"
