"""Local mode: what ``run-local`` decides by measurement, and nothing that the machine does not have."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.local.settings import MIB, LocalFacts, local_settings
from launcher.planning.request import Machine
from launcher.spec.application import InputSize
from sparkjobs.errors import UsageError
from tests.unit.planning.clusters import application, cluster, pin, plan, reason, value

JARS = ("/c/a.jar", "/c/b.jar")
LOG = Path("/conf dir/log4j2.properties")


@given(st.integers(1, 64), st.integers(512, 1 << 20), st.none() | st.integers(0, 1 << 30))
def test_the_plan_is_what_run_local_takes(cores: int, memory_mib: int, size: int | None) -> None:
    job = replace(application(InputSize(size, 1, "listed")), kind="job", path=None)
    made = plan(cluster("local"), job, machine=Machine(cores, memory_mib), jars=JARS, log_config=LOG.as_uri())
    facts = LocalFacts(cores, memory_mib * MIB, tuple(Path(jar) for jar in JARS), LOG, size)
    assert {setting.key: setting.value for setting in made.settings} == dict(local_settings(facts))


def test_a_users_script_may_lack_our_packages_so_its_workers_start_as_usual() -> None:
    assert plan(cluster("local")).value("spark.python.daemon.module") is None


def test_the_container_limits_it_and_is_named() -> None:
    made = plan(cluster("local"), machine=Machine(2, 4096, "cgroup v2", "cgroup v2"))
    assert value(made, "spark.master") == "local[2]"
    assert "cgroup v2" in reason(made, "spark.driver.memory")


def test_pinned_threads_decide_what_follows() -> None:
    made = plan(cluster("local"), pins=(pin("spark.master", "local[3]"),))
    assert made.executors.cores == 3
    assert value(made, "spark.sql.shuffle.partitions") == "6"


@pytest.mark.parametrize(
    ("key", "given_value", "told"),
    [("spark.driver.memory", "100g", "32768 MiB"), ("spark.master", "yarn", "local mode")],
)
def test_pins_beyond_the_machine_are_refused(key: str, given_value: str, told: str) -> None:
    with pytest.raises(UsageError, match=told) as caught:
        plan(cluster("local"), pins=(pin(key, given_value, place="job.yaml:2"),))
    assert caught.value.message.startswith("job.yaml:2")


def test_java_options_of_a_user_join_ours_but_never_a_second_collector() -> None:
    own = (pin("spark.driver.extraJavaOptions", "-XX:+UseParallelGC"),)
    made = plan(cluster("local"), machine=Machine(2, 8192), pins=own, log_config="file:///l")
    options = value(made, "spark.driver.extraJavaOptions")
    assert options == "-XX:+UseParallelGC -Dlog4j2.configurationFile=file:///l"
