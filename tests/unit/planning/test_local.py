"""Local mode: what ``run-local`` decides by measurement, and nothing that the machine does not have."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from launcher.planning.plan_request import Machine
from launcher.spec.application import InputSize
from launcher.spec.local_settings import SHORT_INPUT_BYTES
from sparkjobs.errors import UsageError
from tests.unit.planning.clusters import application, cluster, pin, plan, reason, value

SPLIT = "spark.sql.files.maxPartitionBytes"
JARS = ("/c/a.jar", "/c/b.jar")
LOG = Path("/conf dir/log4j2.properties")


def local_plan(size: int | None = None):
    job = replace(application(InputSize(size, 1, "listed")), kind="job", path=None)
    return plan(cluster("local"), job, machine=Machine(2, 8192), jars=JARS, log_config=LOG.as_uri())


def test_a_large_input_is_cut_coarser_than_spark_does() -> None:
    made = local_plan(5 << 40)
    assert value(made, SPLIT) == "1g"
    assert "blocks of 6.6 KiB" in reason(made, SPLIT)
    assert local_plan(10 << 30).value(SPLIT) is None


def test_what_a_run_on_this_machine_takes() -> None:
    made = local_plan()
    assert value(made, "spark.master") == "local[2]"
    assert value(made, "spark.driver.extraClassPath") == "/c/a.jar:/c/b.jar"
    assert value(made, "spark.python.daemon.module") == "sparkjobs.daemon"
    assert "file:///conf%20dir/log4j2.properties" in value(made, "spark.driver.extraJavaOptions")


@pytest.mark.parametrize(
    ("input_bytes", "partitions", "why"),
    [
        (1 << 20, "2", "one for each thread"),
        (None, "4", "the size of this one is not known"),
        (300 << 20, "4", "Spark's 200 would be mostly empty"),
        (10 << 30, "80", "about 128 MiB of 10 GiB each"),
        (10 << 50, "20000", "the most partitions"),
    ],
)
def test_a_large_input_is_shuffled_in_more_partitions(
    input_bytes: int | None, partitions: str, why: str
) -> None:
    made = local_plan(input_bytes)
    assert value(made, "spark.sql.shuffle.partitions") == partitions
    assert why in reason(made, "spark.sql.shuffle.partitions")


@pytest.mark.parametrize(
    ("input_bytes", "short"),
    [(None, False), (0, True), (SHORT_INPUT_BYTES, True), (SHORT_INPUT_BYTES + 1, False)],
)
def test_only_an_input_known_to_be_small_goes_without_the_second_compiler(
    input_bytes: int | None, short: bool
) -> None:
    options = value(local_plan(input_bytes), "spark.driver.extraJavaOptions")
    assert ("-XX:TieredStopAtLevel=1" in options) is short


@pytest.mark.parametrize(
    ("cores", "heap", "young"),
    [(2, "9g", "-XX:NewSize=384m"), (2, "600m", "-XX:NewSize=200m"), (8, "9g", None)],
)
def test_a_start_is_not_held_up_by_clearing_the_heap(cores: int, heap: str, young: str | None) -> None:
    made = plan(
        cluster("local"),
        machine=Machine(cores, 32768, "here", "here"),
        pins=(pin("spark.driver.memory", heap),),
    )
    options = value(made, "spark.driver.extraJavaOptions").split()
    assert "-XX:MetaspaceSize=256m" in options
    assert [option for option in options if "NewSize" in option] == ([young] if young else [])


@pytest.mark.parametrize("pinned", ["-XX:+UseG1GC", "-Xmn64m", "-XX:NewSize=1g"])
def test_the_young_generation_is_left_to_who_decided_it(pinned: str) -> None:
    made = plan(
        cluster("local"),
        machine=Machine(2, 32768, "here", "here"),
        pins=(pin("spark.driver.extraJavaOptions", pinned),),
    )
    assert "-XX:NewSize=384m" not in value(made, "spark.driver.extraJavaOptions")


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
    ("key", "given_value", "message"),
    [("spark.driver.memory", "100g", "32768 MiB"), ("spark.master", "yarn", "local mode")],
)
def test_pins_beyond_the_machine_are_refused(key: str, given_value: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        plan(cluster("local"), pins=(pin(key, given_value, place="job.yaml:2"),))
    assert caught.value.message.startswith("job.yaml:2")


def test_java_options_of_a_user_join_ours_but_never_a_second_collector() -> None:
    own = (pin("spark.driver.extraJavaOptions", "-XX:+UseParallelGC"),)
    made = plan(cluster("local"), machine=Machine(2, 8192), pins=own, log_config="file:///l")
    options = value(made, "spark.driver.extraJavaOptions")
    assert options == ("-XX:+UseParallelGC -Dlog4j2.configurationFile=file:///l -XX:MetaspaceSize=256m")
