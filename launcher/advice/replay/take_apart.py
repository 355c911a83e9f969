"""From a trace to a model that can be played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from launcher.advice.allocation.allocation_settings import AllocationSettings, allocation_settings
from launcher.advice.replay.delays import Delay, job_end, stage_delays
from launcher.advice.replay.driver_gaps import job_waits
from launcher.advice.replay.fair_sharing import is_fair, pools_of
from launcher.advice.replay.model import JobPart, Lease, Model, StagePart
from launcher.advice.replay.occupancy import Capacity, Occupancy, ready_lags
from launcher.advice.replay.slot_gaps import executor_slots, guests, slot_gap_ms, slots_by_profile
from launcher.advice.replay.task_attempts import Chain, chains
from launcher.advice.replay.timeline import recorded_leases
from launcher.records.history.facts.slots import slot_classes
from launcher.records.history.trace import Stage, Trace


def model_of(trace: Trace) -> Model:
    """Take a run apart: what waits for what, and what each thing takes."""
    classes, slots = slot_classes(trace), executor_slots(trace)
    occupancies = {number: Occupancy(trace, number) for number in {s.profile for s in trace.stages}}
    lags, usual_lag = ready_lags(trace, occupancies)
    leases = recorded_leases(trace, slots, lags, recorded_allocation(trace), occupancies)
    hosted = guests(trace)
    capacities = {number: _capacity(leases, number, hosted) for number in occupancies}
    tasks = [chains(stage.tasks) for stage in trace.stages]
    owners = _owners(trace)
    finishes = [sorted(chain.finish_ms for chain in of) for of in tasks]
    delays = stage_delays(trace, owners, finishes, occupancies, capacities)
    kept = [place for place, owner in enumerate(owners) if owner is not None]
    places = {old: new for new, old in enumerate(kept)}
    told = any(stage.cached for stage in trace.stages)
    stages = tuple(
        _stage(trace, old, owners[old] or 0, tasks[old], delays[old], classes[old], places, told=told)
        for old in kept
    )
    end = trace.last_ms if trace.end_ms is None else trace.end_ms
    pools = pools_of(trace)
    return Model(
        start_ms=trace.start_ms,
        tail_ms=max(0, end - _last_end(trace, finishes)),
        slot_gap_ms=slot_gap_ms(trace, slots),
        ready_lag_ms=usual_lag,
        jobs=_jobs(trace, owners, places),
        stages=stages,
        leases=tuple(leases),
        slots=slots_by_profile(trace, slots),
        recorded_ms=end - trace.start_ms,
        recorded_job_ends=tuple(job.end_ms for job in trace.jobs),
        fair=bool(pools) or is_fair(trace),
        pools=pools,
        guests=hosted,
    )


def recorded_allocation(trace: Trace) -> AllocationSettings | None:
    """The settings of its dynamic allocation; ``None`` where there was none, or the log has lost them."""
    return None if trace.conf is None else allocation_settings(trace.conf, trace.spark)


def _capacity(leases: Sequence[Lease], profile: int, hosted: Mapping[int, Mapping[int, int]]) -> Capacity:
    found = []
    for lease in leases:
        slots = lease.slots if lease.profile == profile else hosted.get(lease.profile, {}).get(profile, 0)
        found.append((slots, lease.ready_ms, lease.closed_ms))
    return Capacity(found)


def _owners(trace: Trace) -> list[int | None]:
    """The job that ran each stage: of those that list it, the first that was not over before."""
    by_stage: dict[int, list[int]] = {}
    for place, job in enumerate(trace.jobs):
        for number in job.stages:
            by_stage.setdefault(number, []).append(place)
    return [_owner(trace, by_stage.get(stage.id, []), stage) for stage in trace.stages]


def _owner(trace: Trace, places: Sequence[int], stage: Stage) -> int | None:
    for place in places:
        end = trace.jobs[place].end_ms
        if end is None or stage.submitted_ms is None or end >= stage.submitted_ms:
            return place
    return places[-1] if places else None


def _stage(
    trace: Trace,
    place: int,
    owner: int,
    tasks: Sequence[Chain],
    delay: Delay,
    classes: bytearray,
    places: dict[int, int],
    *,
    told: bool,
) -> StagePart:
    stage = trace.stages[place]
    return StagePart(
        id=stage.id,
        attempt=stage.attempt,
        name=stage.name,
        job=owner,
        parents=tuple(places[parent] for parent in delay.parents if parent in places),
        profile=stage.profile,
        submit_ms=delay.submit_ms,
        launch_ms=delay.launch_ms,
        end_ms=delay.end_ms,
        durations=[chain.durations[0] for chain in tasks],
        classes=bytes(classes[chain.row] for chain in tasks),
        retries={at: chain.durations[1:] for at, chain in enumerate(tasks) if len(chain.durations) > 1},
        completes_at=delay.completes_at,
        writes_shuffle=any(stage.tasks.shuffle_written_bytes),
        caches=_caches(trace, stage, told=told),
        cached_until=_cached_until(trace, stage, owner),
    )


def _caches(trace: Trace, stage: Stage, *, told: bool) -> bool:
    """Whether it began to cache blocks: it was the first with an RDD that is kept.

    A trace that was kept before these were told has the times alone at which blocks began to be cached.
    """
    if told:
        return bool(stage.cached)
    begin, end = stage.submitted_ms, stage.completed_ms or trace.last_ms
    return begin is not None and any(begin <= at <= end for at in trace.cached_ms.values())


def _cached_until(trace: Trace, stage: Stage, owner: int) -> int | None:
    """Place of the last job that had ended when all that it cached was dropped; its own at least."""
    dropped = [trace.unpersisted_ms.get(rdd) for rdd in stage.cached]
    if not dropped or None in dropped:
        return None
    at = max(ms for ms in dropped if ms is not None)
    ended = [place for place, job in enumerate(trace.jobs) if job.end_ms is not None and job.end_ms <= at]
    return max([owner, *ended])


def _jobs(trace: Trace, owners: Sequence[int | None], places: dict[int, int]) -> tuple[JobPart, ...]:
    own: dict[int, list[int]] = {}
    for place, owner in enumerate(owners):
        if owner is not None:
            own.setdefault(owner, []).append(place)
    there = {stage.id for stage in trace.stages}
    found = []
    for place, (job, waits) in enumerate(zip(trace.jobs, job_waits(trace), strict=True)):
        stages = own.get(place, [])
        needed, end = job_end(job, trace.stages, stages)
        found.append(
            JobPart(
                id=job.id,
                group=waits.group,
                after=waits.after,
                gap_ms=waits.gap_ms,
                stages=tuple(places[stage] for stage in stages),
                waits_for=tuple(places[stage] for stage in needed),
                end_ms=end,
                reads=not there.issuperset(job.stages),
            )
        )
    return tuple(found)


def _last_end(trace: Trace, finishes: Sequence[Sequence[int]]) -> int:
    """When the last job ended; of others, when they began or their last task ended."""
    ends = [job.end_ms for job in trace.jobs if job.end_ms is not None]
    unfinished = [job.start_ms for job in trace.jobs if job.end_ms is None]
    if unfinished:
        ends += unfinished + [of[-1] for of in finishes if of]
    return max(ends, default=trace.start_ms)
