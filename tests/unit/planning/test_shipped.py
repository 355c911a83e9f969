"""The shipped profiles make plans that the linter has nothing against, and planning stays pure."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from launcher.planning.plan_request import PlanRequest
from launcher.spec.application import UNKNOWN_INPUT, InputSize
from launcher.spec.config.read_profile import read_cluster
from launcher.spec.layer import Origin
from launcher.spec.units import GIB, KIB
from tests.unit.planning.clusters import ROOT, application, known, pin, plan, value
from tests.unit.planning.clusters import requests as random_requests
from tests.unit.planning.test_any_cluster import planned

SHIPPED = sorted(path.stem for path in (ROOT / "conf/clusters").glob("*.yaml"))
JARS = ("/c/delta-spark_2.13-4.0.1.jar", "/c/delta-storage-4.0.1.jar")
# A profile without the plugin's jar in its conf is warned of; random ones have none. The other is the
# input's fault, not the plan's.
EXPECTED = {"rapids-without-jar", "input-too-coarse", "many-executors"}


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("size", [UNKNOWN_INPUT, known(KIB), known(10 * GIB), known(1 << 50)])
@pytest.mark.parametrize("name", SHIPPED)
def test_the_linter_has_nothing_against_shipped_profiles(name: str, size: InputSize, streaming: bool) -> None:
    where = read_cluster(name, {}, ROOT)
    conf = tuple(pin(key, text, Origin.PROFILE, name) for key, text in where.conf.items())
    made = plan(
        where, application(size, streaming), pins=conf, jars=JARS, deploy_mode=where.deploy_mode, rapids=True
    )
    found = [finding.id for finding in made.findings if finding.severity != "info"]
    too_much = name == "laptop" and size.size_bytes == 1 << 50 and not streaming
    assert found == (["input-above-machine"] if too_much else [])


@pytest.mark.parametrize("name", [name for name in SHIPPED if name.startswith("dgx")])
def test_shipped_dgx_profiles_use_all_four_gpus(name: str) -> None:
    made = plan(read_cluster(name, {}, ROOT))
    assert (made.executors.max, made.executors.gpus, made.executors.left_cores) == (4, 1, 0)
    assert value(made, "spark.rapids.sql.concurrentGpuTasks") == "4"


@settings(max_examples=150)
@given(random_requests())
def test_the_linter_has_nothing_against_plans_without_pins(request_: PlanRequest) -> None:
    made = planned(replace(request_, pins=()))
    found = {finding.id for finding in made.findings if finding.severity != "info"}
    assert found <= EXPECTED


OUTSIDE = {"subprocess", "os", "socket", "time", "datetime", "random", "pyspark", "pathlib", "requests"}
PURE = sorted(set((ROOT / "launcher/planning").glob("*.py")) - {ROOT / "launcher/host/compatibility.py"})


@pytest.mark.parametrize("path", PURE, ids=lambda path: path.stem)
def test_planning_touches_nothing_outside(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} & OUTSIDE == set()
