"""What the input decides: splits, partitions, memory, the driver. Compressed bytes are not work."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from launcher.planning.cuts import LEAST_BLOCK_BYTES, block_bytes, partition_size, split_size
from launcher.planning.plan_request import PlanRequest
from launcher.planning.result import Plan
from launcher.planning.work import LEAST_TASK_MIB, LEAST_TASK_ROWS, plain_bytes, work, worth
from launcher.spec.application import InputSize
from launcher.spec.cluster import Limits
from launcher.spec.units import GIB, KIB, MIB, Mib, size_bytes
from tests.unit.planning.clusters import (
    GB,
    application,
    cluster,
    known,
    nodes,
    pin,
    plan,
    reason,
    requests,
    value,
)
from tests.unit.planning.test_any_cluster import planned

SPLIT, PARTITIONS = "spark.sql.files.maxPartitionBytes", "spark.sql.shuffle.partitions"
TIB = 1 << 40
# The measured case: 20 million rows in 203 MiB of Parquet, of which 4 tasks were made on 16 cores.
ROWS = InputSize(203 * MIB, 1, "listed", row_groups=20, rows=20_000_000, unpacked_bytes=320 * MIB)
ONE_NODE = nodes(1, 16, 128 * GB, own_reserved_cores=0)


def split_mib(of: Plan) -> int:
    return size_bytes(value(of, SPLIT)) // MIB


def slots(of: Plan) -> int:
    return of.executors.max * of.executors.cores


def tasks(of: Plan) -> int:
    found = work(of.application.input, split_mib(of)).tasks
    assert found is not None
    return found


def test_compressed_rows_occupy_the_machine():
    made = plan(cluster(machines=ONE_NODE), application(ROWS))
    assert slots(made) >= 15
    assert tasks(made) >= slots(made)
    assert int(value(made, PARTITIONS)) >= slots(made)
    assert "so that 16 slots have a task each" in reason(made, SPLIT)


def test_so_does_text_of_the_same_weight():
    made = plan(cluster(machines=ONE_NODE), application(known(512 * MIB)))
    assert tasks(made) >= slots(made) == 16


@pytest.mark.parametrize("rows", [None, 100])
def test_tasks_below_the_stated_size_are_not_started(rows):
    made = plan(cluster(machines=ONE_NODE), application(replace(known(20 * MIB), rows=rows)))
    assert (made.executors.max, split_mib(made)) == (1, 128)


def test_a_row_group_is_the_most_that_a_task_can_leave_to_another():
    made = plan(cluster(machines=ONE_NODE), application(replace(ROWS, row_groups=2)))
    assert made.executors.max == 1
    assert tasks(made) == 2
    assert "2 row groups of Parquet, each of which one task reads" in reason(
        made, "spark.dynamicAllocation.maxExecutors"
    )


@pytest.mark.parametrize(("size", "number"), [(known(31 * MIB), 1), (known(64 * MIB), 2), (ROWS, 20)])
def test_how_many_tasks_are_worth_it(size, number):
    assert worth(size) == number
    assert worth(replace(ROWS, row_groups=1000)) == 20_000_000 // LEAST_TASK_ROWS


def test_splits_that_somebody_set_are_counted_as_they_are():
    made = plan(cluster(machines=ONE_NODE), application(known(512 * MIB)), pins=(pin(SPLIT, "256m"),))
    assert value(made, SPLIT) == "256m"
    assert made.executors.max == 1  # three tasks


def test_files_are_not_cut_further_for_a_part_of_an_executor():
    five = nodes(3, 5, 4 * GB, own_reserved_cores=0)
    files = replace(
        known(388 * MIB), files=264, splittable=False, row_groups=14, unpacked_bytes=20 * 388 * MIB
    )
    made = plan(cluster(machines=five), application(files))
    assert (made.executors.max, made.executors.cores) == (3, 5)
    assert (worth(files), tasks(made)) == (14, 12)  # fourteen do not fill the third executor either


@settings(max_examples=400)
@given(requests(), st.integers(1, 5000), st.integers(0, 10**10), st.integers(1, 20))
def test_every_slot_has_a_task_while_tasks_are_worth_it(request_: PlanRequest, groups, rows, packed):
    size = request_.application.input
    if size.size_bytes is not None:
        size = replace(size, row_groups=groups, rows=rows, unpacked_bytes=size.size_bytes * packed)
    app = replace(request_.application, input=size, streaming=False)
    made = planned(replace(request_, application=app, pins=(), gpu="off"))
    assert int(value(made, PARTITIONS)) >= slots(made)
    if size.size_bytes is None:
        return
    # Below the stated size nothing is cut further, nor for a part of an executor; one is there all the same.
    cores = made.executors.cores
    whole = worth(size) // cores * cores or worth(size)
    assert tasks(made) >= min(slots(made), whole)
    assert made.executors.max == 1 or slots(made) <= max(tasks(made), worth(size)) + cores
    if made.executors.max > 1 and split_mib(made) < 128 and groups >= slots(made):
        plain = plain_bytes(size) or 0
        assert plain / slots(made) >= LEAST_TASK_MIB * MIB or rows / slots(made) >= LEAST_TASK_ROWS


def test_five_terabytes_are_cut_into_blocks_worth_fetching():
    made = plan(cluster("yarn"), application(known(5 * TIB)))
    blocks = 5 * TIB // (tasks(made) * int(value(made, PARTITIONS)))
    assert blocks >= LEAST_BLOCK_BYTES
    assert (split_mib(made), value(made, PARTITIONS)) == (1024, "10240")
    assert "whose shuffle would be blocks of" in reason(made, SPLIT)
    assert "tiny blocks" in reason(made, PARTITIONS)


@given(st.integers(1, 20 * TIB))
def test_blocks_are_worth_fetching_up_to_20_tebibytes(size_bytes_):
    size = known(size_bytes_)
    split = split_size(size)[0]
    part = partition_size(size, split, 64)
    one_partition = size_bytes_ <= part * MIB
    largest = (split, part) == (1024, 512)
    assert one_partition or largest or block_bytes(size_bytes_, split, part) >= LEAST_BLOCK_BYTES


def test_partitions_of_a_gpu_grow_as_well():
    from tests.unit.planning.test_gpu import machine

    made = plan(cluster(machines=machine()), application(known(5 * TIB)))
    assert int(value(made, PARTITIONS)) <= 10240


def test_partitions_of_a_gpu_are_at_least_its_slots():
    from tests.unit.planning.test_gpu import machine

    made = plan(cluster(machines=machine()), application(ROWS))
    assert value(made, PARTITIONS) == "16"


@pytest.mark.parametrize(
    ("size", "heap"), [(known(KIB), 5 * GB), (known(10 * GIB), 5 * GB), (known(10 * TIB), None)]
)
def test_memory_follows_the_work(size, heap):
    most = plan(cluster("yarn", nodes(8))).executors.heap_mib
    made = plan(cluster("yarn", nodes(8)), application(size))
    assert made.executors.heap_mib == (heap or most)


def test_memory_grows_with_the_share_of_the_input():
    heaps = [plan(cluster("yarn"), application(known(n * GIB))).executors.heap_mib for n in (1, 30, 60, 90)]
    assert heaps == sorted(heaps)
    assert heaps[0] < heaps[2]


def test_what_the_work_does_not_need_stays_free_and_is_said():
    made = plan(cluster("yarn"), application(known(KIB)))
    assert made.executors.left_mib > 30 * GB
    assert "the rest stays free" in reason(made, "spark.executor.memory")


def test_a_stream_and_an_unknown_input_may_use_the_node():
    assert plan(cluster("yarn")).executors.left_mib < GB
    assert plan(cluster("yarn"), application(known(KIB), streaming=True)).executors.left_mib < GB


@pytest.mark.parametrize(("size", "cores"), [(GIB, 1), (TIB, 2), (5 * TIB, 2), (100 * TIB, 4)])
def test_the_drivers_cores_grow_with_what_it_keeps_account_of(size, cores):
    made = plan(cluster("yarn", nodes(40, 32)), application(known(size)), deploy_mode="cluster")
    assert value(made, "spark.driver.cores") == str(cores)


def test_a_small_node_or_limit_keeps_the_driver_small():
    app = application(known(100 * TIB))
    made = plan(cluster("yarn", nodes(4, 4)), app, deploy_mode="cluster")
    assert value(made, "spark.driver.cores") == "1"
    assert "few to spare" in reason(made, "spark.driver.cores")
    bound = Limits(max_total_cores=8, max_total_memory_mib=Mib(64 * GB))
    assert value(plan(cluster("yarn", limits=bound), app, deploy_mode="cluster"), "spark.driver.cores") == "1"
