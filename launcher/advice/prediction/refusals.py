"""What one run does not tell: each rule answers why, or nothing. No number is better than a wrong one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from launcher.advice.allocation.allocation_settings import KEYS, PREFIX
from launcher.advice.prediction.bands import ALIKE
from launcher.advice.prediction.basis import Basis, is_local
from launcher.advice.prediction.case import Case
from launcher.records.history.facts.memory_ends import may_have_run_out
from launcher.records.history.spark_events import printable
from launcher.records.history.trace import Stage, Trace
from launcher.spec.units import size_bytes, size_mib

MOST_RATIO = 4.0
# Stages that hold less of the tasks' time than this do not decide.
_MATTERS = 0.2
# No band holds about a replay that is off by more.
_UNLIKE = 0.15
# Of the memory for cached blocks and execution.
_NEAR_LIMIT = 0.8
# Read by the allocation loop alone, which is played.
_PLAYED = ("spark.decommission.", "spark.storage.decommission.")
_PLAYED_KEYS = KEYS | {"spark.shuffle.service.enabled", "spark.executor.instances"}
_RESERVED_MIB, _UNIFIED, _MIB, _HEAP = 300, 0.6, 1 << 20, "1g"
# The executor of local mode, which tells what it is where the settings are lost.
_DRIVER = "driver"
_USUAL_PARTITIONS = "200"
_OF_A_STREAM = "its jobs are batches of a stream, which waits for triggers and input as well as for executors"


def refusal(basis: Basis, case: Case, slots: float, *, learnt: bool) -> str:
    """Why a case cannot be predicted; empty where it can.

    Args:
        basis: the run.
        case: what is asked.
        slots: task slots that it comes to.
        learnt: whether the cluster's contention is known.
    """
    ratio = slots / basis.seen_slots
    same = same_size(basis, case, slots)
    rules: Sequence[Callable[[], str]] = (
        lambda: _nothing_ran(basis),
        lambda: _unlike(basis),
        lambda: _local(basis, case),
        lambda: _out_of_memory(basis),
        lambda: _cores(basis, case),
        lambda: _settings(basis, case),
        lambda: _profiles(basis, case),
        lambda: "" if same or not basis.trace.streams else _OF_A_STREAM,
        lambda: "" if same else _too_far(ratio, learnt=learnt),
        lambda: "" if same else _spilled(basis),
        lambda: "" if same else _cached(basis, ratio),
        lambda: "" if same else _partitions(basis),
        lambda: "" if same or ratio >= 1 else _single_waves(basis, slots),
    )
    return next((why for rule in rules if (why := rule())), "")


def reads_again(trace: Trace) -> bool:
    """Whether a job used the shuffle data of an earlier one, which its executors then have to keep.

    Spark gives a stage that it skips for that an id of its own, which no stage that ran has
    (``DAGScheduler.getMissingParentStages``). The queries of adaptive execution do so from job to job.
    """
    ran: set[int] = set()
    there = {stage.id for stage in trace.stages}
    for job in trace.jobs:
        own = set(job.stages)
        if own & ran or own - there:
            return True
        ran |= own
    return False


def same_size(basis: Basis, case: Case, slots: float) -> bool:
    """Whether a case is what was recorded."""
    if basis.fixed and case.executors is not None:
        return case.executors == basis.executors
    return abs(math.log(slots / basis.seen_slots)) < ALIKE


def _nothing_ran(basis: Basis) -> str:
    if basis.model.recorded_ms <= 0:
        return "by its times the log ends before it begins"
    return "" if basis.model.tasks else "the log tells of no task"


def _unlike(basis: Basis) -> str:
    """Whether the run cannot be played as it was: its log lacks tasks, or tells them wrong."""
    if not basis.replay.finished:
        return "the replay of the run itself does not come to its end: the log lacks what it waits for"
    if abs(basis.error) <= _UNLIKE:
        return ""
    return f"the replay of the run itself is off by {basis.error:+.0%}: the log does not tell all that it did"


def _local(basis: Basis, case: Case) -> str:
    master = basis.conf.get("spark.master", "")
    alone = not master and any(executor.id == _DRIVER for executor in basis.trace.executors)
    if not (alone or is_local(master)) or case.executors == 1:
        return ""
    where = printable(master or _DRIVER)
    return f"the run was local ({where}): one process on one machine does not tell of executors"


def _out_of_memory(basis: Basis) -> str:
    if not may_have_run_out(basis.trace):
        return ""
    return "the run ran out of memory: what it takes without that, it does not tell"


def _cores(basis: Basis, case: Case) -> str:
    if case.cores in (None, basis.cores):
        return ""
    return (
        f"{case.cores} cores an executor instead of {basis.cores} change the memory and the cache of a task"
    )


def _alike(key: str, had: str | None, wanted: str) -> bool:
    """Whether two values say the same, memory be it in other words: ``4g`` and ``4096m``."""
    if had is None or "memory" not in key.lower():
        return had == wanted
    try:
        return size_bytes(had, bare=_MIB) == size_bytes(wanted, bare=_MIB)
    except ValueError:
        return had == wanted


def _settings(basis: Basis, case: Case) -> str:
    changed = [key for key, value in case.conf.items() if not _alike(key, basis.conf.get(key), value)]
    unknown = [key for key in changed if not key.startswith(_PLAYED) and key not in _PLAYED_KEYS]
    if not unknown:
        return ""
    if unknown[0].startswith(PREFIX):
        return f"{unknown[0]} is no setting of the allocation loop that is played"
    kind = "the memory of a task" if "memory" in unknown[0].lower() else "what a task takes"
    return f"{unknown[0]} may change {kind}, and one run does not tell how"


def _profiles(basis: Basis, case: Case) -> str:
    served = basis.model.guests.get(0, {})
    profiles = {stage.profile for stage in basis.model.stages if stage.profile not in served}
    if case.dynamic is not None or len(profiles) <= 1:
        return ""
    return (
        f"its stages have {len(profiles)} resource profiles, which a fixed number of executors does not serve"
    )


def _too_far(ratio: float, *, learnt: bool) -> str:
    if learnt or abs(math.log(ratio)) <= math.log(MOST_RATIO) + 1e-9:
        return ""
    return (
        f"{ratio:.2g} times the slots that were seen: one run tells of a quarter to {MOST_RATIO:.0f} times, "
        "until a second size has been run"
    )


def _spilled(basis: Basis) -> str:
    spilled = sum(sum(stage.tasks.spilled_bytes) for stage in basis.trace.stages)
    return f"the run spilled {spilled / _MIB:.0f} MiB to disk" if spilled else ""


def _cached(basis: Basis, ratio: float) -> str:
    limit = None if basis.trace.conf is None else _unified_bytes(basis)
    peaks = [peak.storage for peak in basis.trace.peaks.values() if peak.storage]
    if not peaks or limit is None:
        return ""
    share = max(peaks) / limit
    if share / min(1.0, ratio) < _NEAR_LIMIT:
        return ""
    return f"cached data took {share:.0%} of an executor's memory for it: elsewhere blocks may be dropped"


def _unified_bytes(basis: Basis) -> float | None:
    """Execution and storage memory together (``UnifiedMemoryManager``)."""
    try:
        heap = size_mib(basis.conf.get("spark.executor.memory", _HEAP))
        fraction = float(basis.conf.get("spark.memory.fraction", _UNIFIED))
    except ValueError:
        return None
    return max(1.0, (heap - _RESERVED_MIB) * fraction * _MIB)


def _work(stage: Stage) -> int:
    return sum(stage.tasks.finish_ms) - sum(stage.tasks.launch_ms)


def _partitions(basis: Basis) -> str:
    """Whether stages have as many tasks as the run had slots, though no setting says so."""
    total = basis.executors * basis.cores
    shuffles = basis.conf.get("spark.sql.shuffle.partitions", _USUAL_PARTITIONS)
    fixed = {shuffles, basis.conf.get("spark.default.parallelism")}
    # Half of all jobs have two tasks at most, whatever executors there are (replays of 52 logs).
    if total <= 2 or str(total) in fixed:
        return ""
    stages = basis.trace.stages
    follow = [stage for stage in stages if stage.size == total]
    work = sum(map(_work, stages))
    share = sum(map(_work, follow)) / work if work else 0.0
    if len(follow) < 2 or share < _MATTERS:
        return ""
    return (
        f"{len(follow)} stages with {share:.0%} of the work have {total} tasks, as many as there were cores: "
        "their number follows the executors"
    )


def _single_waves(basis: Basis, slots: float) -> str:
    """Whether much of the work ran in one wave that would not be one any more."""
    longest: float = 0
    split: float = 0
    for stage in basis.model.stages:
        if len(stage.durations):
            most = max(stage.durations)
            longest += most
            share = basis.model.guests.get(0, {}).get(stage.profile, basis.slots) / basis.slots
            single = slots * share < len(stage.durations) <= basis.seen_slots * share
            split += most if single else 0
    share = split / longest if longest else 0.0
    if share < _MATTERS:
        return ""
    return f"stages with {share:.0%} of the time ran in a single wave, which would be split"
