"""Executors on CPUs: shapes that fill a node, memory, and each manager's own settings."""

from __future__ import annotations

import pytest

from launcher.planning.plan_request import Machine
from launcher.spec.cluster import Kubernetes, Limits, Yarn
from launcher.spec.layer import Origin
from launcher.spec.units import Mib, size_mib
from sparkjobs.errors import UsageError
from tests.unit.planning.clusters import GB, application, cluster, known, nodes, pin, plan, reason, value


def test_a_node_of_16_cores_holds_three_executors_of_5_and_leaves_nothing() -> None:
    one = plan(cluster()).executors
    assert (one.cores, one.per_node, one.left_cores, one.left_mib) == (5, 3, 0, 0)
    assert one.total_mib * 3 == 63 * GB


@pytest.mark.parametrize(
    ("cores", "expected"),
    [
        (1, 1),
        (2, 2),
        (3, 3),
        (4, 3),
        (5, 4),
        (7, 6),
        (8, 6),
        (9, 4),
        (13, 4),
        (16, 5),
        (24, 5),
        (32, 5),
        (64, 5),
    ],
)
def test_least_cores_are_left_over_and_the_middle_wins_a_tie(cores: int, expected: int) -> None:
    assert plan(cluster(machines=nodes(cores=cores))).executors.cores == expected


def test_overhead_holds_the_jvm_and_every_python_worker() -> None:
    made = plan(cluster("yarn"))
    one = made.executors
    assert one.overhead_mib >= one.heap_mib // 10 + one.cores * 512
    assert "5 Python workers" in reason(made, "spark.executor.memoryOverhead")


def test_kubernetes_leaves_python_two_fifths_of_the_heap() -> None:
    one = plan(cluster("kubernetes")).executors
    assert one.overhead_mib >= int(one.heap_mib * 0.4)
    assert plan(cluster("yarn")).executors.overhead_mib < one.overhead_mib


def test_yarn_is_asked_for_whole_gigabytes_as_it_hands_out_nothing_else() -> None:
    one = plan(cluster("yarn", nodes(memory_mib=50_000))).executors
    assert one.total_mib % 1024 == 0


def test_no_heap_reaches_32_gigabytes_by_itself_and_the_rest_goes_to_python() -> None:
    made = plan(cluster(machines=nodes(memory_mib=512 * GB)))
    assert made.executors.heap_mib == 31 * GB
    assert made.executors.overhead_mib > 5 * 2048
    assert made.executors.left_mib > 0
    assert "31g" in reason(made, "spark.executor.memory")


def test_a_node_with_little_memory_gets_fewer_executors_not_smaller_heaps_than_spark_starts() -> None:
    one = plan(cluster(machines=nodes(cores=16, memory_mib=2 * GB))).executors
    assert one.heap_mib >= 512
    assert one.per_node * one.total_mib <= 1536


def test_limits_bound_the_shape_and_the_number() -> None:
    bounded = Limits(max_executors=3, max_executor_cores=2, max_executor_memory_mib=Mib(4 * GB))
    one = plan(cluster(limits=bounded)).executors
    assert (one.cores, one.max) == (2, 3)
    assert one.total_mib <= 4 * GB


def test_an_executor_that_is_too_big_for_the_limits_is_told_which() -> None:
    small = Limits(max_executor_cores=2, max_executor_memory_mib=Mib(4 * GB))
    with pytest.raises(UsageError, match=r"limits: max_executor_cores 2, max_executor_memory 4096 MiB\)"):
        plan(cluster(limits=small), pins=(pin("spark.executor.memory", "8g"),))


def test_limits_of_the_application_count_its_driver() -> None:
    made = plan(cluster("yarn", limits=Limits(max_total_cores=16)), deploy_mode="cluster")
    assert made.executors.max * made.executors.cores + 1 <= 16
    assert "limits.max_total_cores of target is 16" in reason(made, "spark.dynamicAllocation.maxExecutors")


def test_standalone_always_says_cores_and_their_sum() -> None:
    made = plan(cluster())
    assert value(made, "spark.executor.cores") == "5"
    assert value(made, "spark.cores.max") == str(12 * 5)
    assert made.value("spark.executor.memoryOverhead") is None
    assert made.value("spark.executor.instances") is None


def test_yarn_keeps_its_queue_its_archive_and_one_attempt() -> None:
    yarn = Yarn(
        hadoop_conf_dir="/etc/hadoop/conf", principal="me@X", keytab="/k", python_archive="hdfs:///env.tar.gz"
    )
    made = plan(cluster("yarn", yarn=yarn, queue="etl"), deploy_mode="cluster")
    assert value(made, "spark.yarn.queue") == "etl"
    assert value(made, "spark.yarn.maxAppAttempts") == "1"
    assert value(made, "spark.yarn.dist.archives") == "hdfs:///env.tar.gz#environment"
    assert value(made, "spark.yarn.appMasterEnv.PYSPARK_PYTHON") == "./environment/bin/python"
    assert value(made, "spark.kerberos.principal") == "me@X"


def test_the_application_master_takes_room_in_client_mode_and_the_driver_in_cluster_mode() -> None:
    small = nodes(count=1, cores=8, memory_mib=32 * GB)
    client = plan(cluster("yarn", small))
    inside = plan(cluster("yarn", small), deploy_mode="cluster")
    assert client.executors.max * client.executors.cores <= 6
    taken = size_mib(value(inside, "spark.driver.memory")) + size_mib(
        value(inside, "spark.driver.memoryOverhead")
    )
    assert inside.executors.max * inside.executors.total_mib + taken <= 31 * GB


def test_kubernetes_gets_what_its_profile_says() -> None:
    of = Kubernetes(
        image="i:1",
        namespace="n",
        service_account="s",
        file_upload_path="s3a://b",
        executor_pod_template="e.yaml",
    )
    made = plan(cluster("kubernetes", kubernetes=of), deploy_mode="cluster", jars=("/c/a.jar",))
    assert value(made, "spark.kubernetes.container.image") == "i:1"
    assert value(made, "spark.kubernetes.namespace") == "n"
    assert value(made, "spark.kubernetes.authenticate.driver.serviceAccountName") == "s"
    assert value(made, "spark.kubernetes.executor.podTemplateFile") == "e.yaml"
    assert value(made, "spark.kubernetes.file.upload.path") == "s3a://b"
    assert value(made, "spark.kubernetes.executor.request.cores") == str(made.executors.cores)


def test_local_jars_need_a_way_into_the_pod() -> None:
    where = cluster("kubernetes", kubernetes=Kubernetes(image="i"))
    with pytest.raises(UsageError, match="file_upload_path"):
        plan(where, deploy_mode="cluster", jars=("/c/a.jar",))


def test_python_has_no_driver_inside_a_standalone_cluster() -> None:
    with pytest.raises(UsageError, match="standalone"):
        plan(cluster(), deploy_mode="cluster")


def test_a_pinned_heap_changes_how_many_executors_a_node_holds() -> None:
    made = plan(cluster(), pins=(pin("spark.executor.memory", "40g", place="--executor-memory"),))
    assert made.executors.per_node == 1
    assert made.executors.heap_mib == 40 * GB
    assert value(made, "spark.cores.max") == str(4 * made.executors.cores)
    message = reason(made, "spark.executor.memory")
    assert "--executor-memory says so" in message
    assert "without pins the plan takes 17152m" in message


def test_a_pin_names_who_lost_to_it() -> None:
    both = (
        pin("spark.sql.shuffle.partitions", "9", Origin.PROFILE, "prod.yaml:4"),
        pin("spark.sql.shuffle.partitions", "7", Origin.FLAG, "--conf"),
    )
    made = plan(cluster(), pins=both)
    assert value(made, "spark.sql.shuffle.partitions") == "7"
    assert "over prod.yaml:4 (9)" in reason(made, "spark.sql.shuffle.partitions")


def test_pins_without_a_rule_are_handed_on() -> None:
    made = plan(cluster(), pins=(pin("spark.my.own", "x", Origin.JOB_FILE, "job.yaml:7"),))
    (mine,) = [setting for setting in made.settings if setting.key == "spark.my.own"]
    assert (mine.value, mine.origin) == ("x", Origin.JOB_FILE)
    assert "job.yaml:7" in mine.reason


@pytest.mark.parametrize(
    ("key", "given", "message"),
    [
        ("spark.executor.memory", "90g", "65536 MiB"),
        ("spark.executor.cores", "40", "16 cores"),
        ("spark.executor.cores", "many", "whole number"),
        ("spark.executor.memory", "4 parsecs", "size such as 4g"),
        ("spark.dynamicAllocation.enabled", "maybe", "true nor false"),
    ],
)
def test_impossible_pins_are_refused_with_their_place_and_numbers(key: str, given: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        plan(cluster(), pins=(pin(key, given, place="job.yaml:7"),))
    assert caught.value.message.startswith("job.yaml:7")


def test_enforced_values_bind_everybody() -> None:
    where = cluster(enforced={"spark.executor.cores": "4"})
    assert plan(where).executors.cores == 4
    assert plan(where, pins=(pin("spark.executor.cores", "4"),)).executors.cores == 4
    with pytest.raises(UsageError, match="enforces 4"):
        plan(where, pins=(pin("spark.executor.cores", "5"),))


def test_an_enforced_value_may_be_written_otherwise() -> None:
    where = cluster(enforced={"spark.executor.memory": "2g", "spark.speculation": "false"})
    same = (pin("spark.executor.memory", "2048m"), pin("spark.speculation", "FALSE"))
    assert plan(where, pins=same).executors.heap_mib == 2 * GB


def test_an_input_beyond_what_was_tried_is_told_as_such() -> None:
    made = plan(cluster("yarn"), application(known(10**15)))
    assert "1024 MiB are the most for one task" in reason(made, "spark.sql.files.maxPartitionBytes")
    huge = plan(cluster("yarn"), application(known(10**19)), machine=Machine(8, 64 * GB))
    assert "are the most that is worked out" in reason(huge, "spark.driver.memory")


def test_python_memory_of_its_own_frees_the_overhead() -> None:
    made = plan(cluster("yarn"), pins=(pin("spark.executor.pyspark.memory", "2g"),))
    one = made.executors
    assert one.pyspark_mib == 2 * GB
    assert one.overhead_mib < 3 * GB
    assert one.per_node * one.total_mib <= 63 * GB


def test_off_heap_memory_counts_only_when_it_is_on() -> None:
    size = pin("spark.memory.offHeap.size", "4g")
    assert plan(cluster("yarn"), pins=(size,)).executors.offheap_mib == 0
    on = pin("spark.memory.offHeap.enabled", "true")
    assert plan(cluster("yarn"), pins=(size, on)).executors.offheap_mib == 4 * GB


def test_jars_that_somebody_adds_do_not_drive_out_those_of_delta() -> None:
    made = plan(cluster(), pins=(pin("spark.jars", "/my.jar"),), jars=("/c/delta.jar",))
    assert value(made, "spark.jars") == "/my.jar,/c/delta.jar"
    assert "the plan adds /c/delta.jar" in reason(made, "spark.jars")
