"""Files and tables: small output files, rows that were read to be dropped, broadcasts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from launcher.report.findings.loss import Loss, seconds_text
from launcher.report.findings.partition_keys import PARTITIONS, without_sql
from launcher.report.sql.queries import Broadcast, Scan
from launcher.report.view.run_view import RunView, column
from launcher.report.view.stage_view import StageView
from launcher.spec.units import MIB, human_bytes

GOOD_FILE_BYTES, SMALL_FILE_BYTES, MANY_FILES = 128 * MIB, 16 * MIB, 20
# To create, close, commit and later list and open one, on a store: some 30 ms of one slot.
FILE_S = 0.03
# Less than a tenth kept: a sorted or partitioned table would have read a fraction.
KEPT = 0.1
# A smaller one is soon read, however little of it is kept.
LEAST_SCAN_BYTES, LEAST_SCAN_ROWS = 16 * MIB, 1_000_000
# So much a slot reads and decodes in a second at least.
SCAN_BYTES_PER_S = 100_000_000
PUSHDOWN = "spark.sql.parquet.filterPushdown"
PRUNING = "spark.sql.optimizer.dynamicPartitionPruning.enabled"
ADVISORY = "spark.sql.adaptive.advisoryPartitionSizeInBytes"
AUTO, BIG_BROADCAST_BYTES = "spark.sql.autoBroadcastJoinThreshold", 64 * MIB


def small_files(view: RunView, stages: Sequence[StageView]) -> Iterator[Loss]:
    """Seconds lost: files beyond those of 128 MiB that would do x 30 ms, by the slots."""
    told = [_Written(one.files, one.size, one.name, by_sql=True) for one in view.queries.writes]
    small = [
        one
        for one in told or _by_tasks(view, stages)
        if one.files >= MANY_FILES and one.size < one.files * SMALL_FILE_BYTES
    ]
    if not small:
        return
    files, size = sum(one.files for one in small), sum(one.size for one in small)
    spare = sum(one.files - max(1, -(-one.size // GOOD_FILE_BYTES)) for one in small)
    most = max(small, key=lambda one: (one.files, one.size))
    message = f"{files:,} files of {human_bytes(size // files)} were written on average ({most.name})"
    would_do = f"{max(1, -(-size // GOOD_FILE_BYTES)):,} would do"
    lost = spare * FILE_S / _width(view)
    if not any(one.by_sql for one in small):
        yield Loss("small-files", lost, (), message, f"{would_do}: coalesce or repartition before the write.")
        return
    fix = f"{would_do}: repartition by the partition columns before the write, or set {ADVISORY}=128m."
    yield Loss("small-files", lost, (PARTITIONS, ADVISORY), message, fix)


@dataclass(frozen=True)
class _Written:
    """Files that were written together; ``by_sql``: settings of SQL decide how many."""

    files: int
    size: int
    name: str
    by_sql: bool


def _by_tasks(view: RunView, stages: Sequence[StageView]) -> Iterator[_Written]:
    """What tasks wrote, where no operator tells of files: each made one at least."""
    for stage in stages:
        written = column(stage.stage.tasks.written_bytes)
        if (written > 0).any():
            files, size = int((written > 0).sum()), int(written.sum())
            yield _Written(files, size, stage.stage.name, by_sql=not without_sql(view, stage))


def full_scan(view: RunView, stages: Sequence[StageView]) -> Iterator[Loss]:
    """Seconds lost: task seconds of the stages that read the table, of a stage with several scans by their
    bytes, x share of its rows that the filter dropped, by the slots; at most the bytes that were dropped at
    100 MB/s a slot.
    """
    by_number: dict[int, list[StageView]] = {}
    for stage in stages:
        by_number.setdefault(stage.stage.id, []).append(stage)
    beside: dict[int, list[Scan]] = {}
    for scan in view.queries.scans:
        for number in scan.stages:
            beside.setdefault(number, []).append(scan)
    for scan in view.queries.scans:
        if scan.kept is None or not scan.rows or scan.kept > KEPT * scan.rows or _is_soon_read(scan):
            continue
        reading = [stage for number in scan.stages for stage in by_number.get(number, ())]
        work = sum(_share(scan, beside[one.stage.id]) * one.task_seconds / one.width for one in reading)
        if scan.size:
            width = max((stage.width for stage in reading), default=1.0)
            work = min(work, scan.size / SCAN_BYTES_PER_S / width)
        lost = work * (1 - scan.kept / scan.rows)
        off = tuple(key for key in _skipping(scan) if not view.is_on(key, default=True))
        yield Loss("full-scan", lost, off, _scan_message(scan), _scan_fix(scan, off))


def _skipping(scan: Scan) -> Iterator[str]:
    """The settings, on by default, without which Spark reads more of such a table than it must."""
    if "parquet" in scan.name.lower():
        yield PUSHDOWN
    if scan.partitioned and not scan.pruned:
        yield PRUNING


def _is_soon_read(scan: Scan) -> bool:
    return scan.size < LEAST_SCAN_BYTES if scan.size else scan.rows < LEAST_SCAN_ROWS


def _share(scan: Scan, beside: Sequence[Scan]) -> float:
    """How much of the time of a stage was this scan's, of all that the stage read."""
    sizes = [one.size or 0 for one in beside]
    return (scan.size or 0) / sum(sizes) if all(sizes) else 1 / len(beside)


def _scan_message(scan: Scan) -> str:
    size = f" ({human_bytes(scan.size)})" if scan.size else ""
    kept = scan.kept or 0
    return f"{scan.name} read {scan.rows:,} rows{size} of which {scan.filtered_by} kept {kept:,}"


def _scan_fix(scan: Scan, off: Sequence[str]) -> str:
    on = f"Set {' and '.join(f'{key}=true' for key in off)}, as Spark has it by default. " if off else ""
    if scan.partitioned and not scan.pruned:
        return f"{on}Filter by the table's partition columns themselves, not by a function of them."
    return f"{on}Partition or sort the table (Parquet, Delta) by the filter's column: then files are skipped."


def big_broadcast(view: RunView) -> Iterator[Loss]:
    """Seconds lost: what the driver needed to build and send it; a shuffle costs some of that.

    Not the time to collect it: that spans the work of the query below it, which a shuffle needs too.
    """
    for one in view.queries.broadcasts:
        if one.size < BIG_BROADCAST_BYTES:
            continue
        yield Loss("big-broadcast", one.driver_ms / 1000, (AUTO,), _sent(one), _smaller(view))


def _sent(one: Broadcast) -> str:
    return (
        f"{human_bytes(one.size)} ({one.rows:,} rows of {one.name}) went through the driver to all: "
        f"collected in {seconds_text(one.collect_ms / 1000)}, built in {seconds_text(one.build_ms / 1000)}, "
        f"sent in {seconds_text(one.send_ms / 1000)}"
    )


def _smaller(view: RunView) -> str:
    return f"Leave out the broadcast() hint, or lower {AUTO} (10m by default), so that the join shuffles."


def _width(view: RunView) -> float:
    return view.width(view.trace.start_ms, view.end_ms)
