"""Sizes of partitions from the files of a log."""

from __future__ import annotations

from sparkjobs.tables.parts import StoredFile, sized
from sparkjobs.transforms.skew import PartitionSize


def test_files_of_a_partition_add_up_and_empty_ones_are_there():
    files = [StoredFile(0, 5, 50), StoredFile(2, 1, 10), StoredFile(0, 2, 30)]
    assert sized(files, 4) == [
        PartitionSize(0, 7, 80, 2),
        PartitionSize(1, 0, 0, 0),
        PartitionSize(2, 1, 10, 1),
        PartitionSize(3, 0, 0, 0),
    ]


def test_a_partition_beyond_the_number_asked_for_is_shown():
    assert [size.partition_id for size in sized([StoredFile(3, 1, 1)], 2)] == [0, 1, 2, 3]
    assert sized([], 0) == []


def test_counted_rows_go_before_those_of_a_log_without_statistics():
    files = [StoredFile(0, None, 50), StoredFile(1, 9, 10), StoredFile(0, 3, 30)]
    assert sized(files, 2, {0: 11, 1: 9}) == [PartitionSize(0, 11, 80, 2), PartitionSize(1, 9, 10, 1)]
