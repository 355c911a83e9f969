"""Time and cost of a run with other executors."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from launcher.advice.allocation.allocation_settings import (
    ENABLED,
    INITIAL,
    INSTANCES,
    LEAST,
    NEVER,
    AllocationSettings,
    allocation_settings,
)
from launcher.advice.allocation.elastic_player import ClusterHabits, ElasticPlayer
from launcher.advice.prediction.bands import (
    SAME,
    SAME_SHORT,
    SHORT_S,
    UNKNOWN_STARTS,
    Band,
    Spread,
    band,
    band_of,
)
from launcher.advice.prediction.basis import Basis
from launcher.advice.prediction.case import Case, Dynamic, Prediction
from launcher.advice.prediction.contention import Contention
from launcher.advice.prediction.price import cost_of, shapes_of
from launcher.advice.prediction.refusals import MOST_RATIO, refusal, same_size
from launcher.advice.replay.conversion import Conversion
from launcher.advice.replay.model import Lease
from launcher.advice.replay.outcome import Outcome
from launcher.advice.replay.player import Player
from launcher.spec.cluster import Price

# Start times of executors are drawn so often; of applications with very many tasks once.
DRAWS, MANY_TASKS = 9, 100_000
# Fewer different start times tell of no distribution. So many are drawn, then they begin again.
LEAST_STARTS, _DRAWN = 5, 200
_SHUFFLE_GONE = (
    "executors would go (spark.dynamicAllocation.shuffleTracking.timeout) with shuffle data that later jobs "
    "read: how much of it would be made again one run does not tell"
)
# The sizes to look at when nobody names any, over the run's own.
_STEPS = (0.25, 0.5, 1.0, 2.0, 4.0)


def predict(
    basis: Basis, case: Case, contention: Contention | None = None, price: Price | None = None, seed: int = 0
) -> Prediction:
    """Predict one case.

    Args:
        basis: the run to predict from.
        case: the question.
        contention: of the cluster, where it was learnt.
        price: of its executors.
        seed: of the draws of start times.

    Returns:
        a prediction without numbers where one run does not tell.
    """
    if case.executors is not None:
        slots = float(case.executors * basis.slots)
        why = refusal(basis, case, slots, learnt=contention is not None)
        return Prediction(case, why=why) if why else _fixed(basis, case, slots, contention, price)
    why = refusal(basis, case, basis.seen_slots, learnt=contention is not None)
    return Prediction(case, why=why) if why else _dynamic(basis, case, contention, price, seed)


def _fixed(
    basis: Basis, case: Case, slots: float, contention: Contention | None, price: Price | None
) -> Prediction:
    outcome = play_fixed(basis, case.executors or 1, contention)
    known = contention is not None
    return _answer(basis, case, outcome, _size_band(basis, case, slots, learnt=known), price)


def play_fixed(basis: Basis, executors: int, contention: Contention | None = None) -> Outcome:
    """Play a run on a fixed number of executors, all asked for at the start."""
    conversions = _conversions(basis, contention, float(executors * basis.slots))
    return Player(basis.model, fixed_leases(basis, executors), conversions).play()


def fixed_leases(basis: Basis, executors: int) -> list[Lease]:
    """So many executors, each there when the run's own were; more than those as late as the last."""
    firsts = basis.habits.first_ms
    found = []
    for number in range(executors):
        added = basis.model.start_ms + firsts[min(number, len(firsts) - 1)]
        found.append(Lease(0, basis.slots, added, added + basis.habits.ready_ms))
    return found


def _conversions(basis: Basis, contention: Contention | None, slots: float) -> list[Conversion]:
    return basis.warmth.conversions(contention, basis.seen_slots, slots)


def _dynamic(
    basis: Basis, case: Case, contention: Contention | None, price: Price | None, seed: int
) -> Prediction:
    settings = case_settings(basis, case)
    drawn = _draws(basis, settings, _conversions(basis, contention, basis.seen_slots), seed)
    own = settings == basis.settings
    slots = basis.seen_slots if own else _slots_as_tasks_see_them(basis, drawn)
    why = refusal(basis, case, slots, learnt=contention is not None)
    if why:
        return Prediction(case, why=why)
    if contention is not None:
        drawn = _draws(basis, settings, _conversions(basis, contention, slots), seed)
    if not own and any(outcome.let_shuffle_go for outcome in drawn):
        return Prediction(case, why=_SHUFFLE_GONE)
    found = _size_band(basis, case, slots, learnt=contention is not None)
    # Of the run's own settings the starts and removals are known.
    nominal = drawn[0] if own else _middle(drawn)
    return _answer(basis, case, nominal, found, price, _spread(basis, drawn))


def _slots_as_tasks_see_them(basis: Basis, drawn: Sequence[Outcome]) -> float:
    """The loop holds as many executors as tasks need, so what tasks contend with is told by the tasks."""
    return basis.seen_slots * (_middle(drawn).together / (basis.replay.together or 1.0)) or basis.seen_slots


def _middle(drawn: Sequence[Outcome]) -> Outcome:
    """The one that is nearest to the medians of time and of executor-seconds."""
    time = median(outcome.seconds for outcome in drawn)
    held = median(outcome.executor_seconds for outcome in drawn)
    return min(
        drawn, key=lambda one: abs(one.seconds / time - 1) + abs(one.executor_seconds / max(held, 1e-9) - 1)
    )


def _spread(basis: Basis, drawn: Sequence[Outcome]) -> Spread:
    """Between the least and the most of nine draws lie 80 % of all."""
    if len(set(basis.habits.start_ms)) < LEAST_STARTS or len(drawn) < DRAWS:
        return UNKNOWN_STARTS
    times = [outcome.seconds for outcome in drawn]
    return Spread(1 - min(times) / median(times), max(times) / median(times) - 1)


def _size_band(basis: Basis, case: Case, slots: float, *, learnt: bool) -> Band | None:
    return None if same_size(basis, case, slots) else band(slots / basis.seen_slots, learnt=learnt)


def case_settings(basis: Basis, case: Case) -> AllocationSettings:
    """The settings of a case: the run's own, with what the case changes.

    The executors at the start are as Spark takes them, the most of three settings of the case.
    """
    dynamic = case.dynamic or Dynamic(0, None)
    own = dict(basis.conf)
    if basis.settings is None:  # there it is the size, in whose place the bounds come
        own.pop(INSTANCES, None)
    conf = {**own, **case.conf, ENABLED: "true", LEAST: str(dynamic.least)}
    found = allocation_settings(conf, basis.trace.spark) or AllocationSettings()
    most = NEVER if dynamic.most is None else float(dynamic.most)
    # What the cluster started beyond what was asked for it may start again.
    recorded = basis.settings
    other = recorded is None or (INITIAL in case.conf and found.initial != recorded.initial)
    unasked = 0 if recorded is None or other else recorded.unasked
    return replace(found, most=most, initial=int(min(found.initial, most)), unasked=unasked)


def _draws(
    basis: Basis, settings: AllocationSettings, conversions: Sequence[Conversion], seed: int
) -> list[Outcome]:
    """The case with the starts and removals as the run had them, and with others drawn from those."""
    count = 1 if basis.model.tasks > MANY_TASKS else DRAWS
    drawn = [_drawn(basis.habits, random.Random(seed * DRAWS + number)) for number in range(count - 1)]
    return [
        ElasticPlayer(basis.model, settings, habits, conversions).play() for habits in (basis.habits, *drawn)
    ]


def _drawn(habits: ClusterHabits, draw: random.Random) -> ClusterHabits:
    return replace(
        habits,
        start_ms=tuple(draw.choices(habits.start_ms, k=_DRAWN)),
        removal_ms=tuple(draw.choices(habits.removal_ms, k=_DRAWN)),
    )


def _answer(
    basis: Basis,
    case: Case,
    outcome: Outcome,
    found: Band | None,
    price: Price | None,
    starts: Spread | None = None,
) -> Prediction:
    if not outcome.finished:
        return Prediction(case, why="no executor would be there for some of its stages")
    seconds = outcome.seconds
    short = basis.model.recorded_ms < SHORT_S * 1000
    low, high = band_of(seconds, basis.floor.driver_s, found, short=short, starts=starts)
    # A time below the floor by more than the noise between runs is not believed.
    least = min(seconds, basis.floor.seconds) * (1 - (SAME_SHORT if short else SAME))
    return Prediction(
        case=case,
        seconds=seconds,
        low=max(low, least),
        high=high,
        executor_seconds=outcome.executor_seconds,
        idle_share=outcome.idle_share,
        cost=cost_of(outcome, shapes_of(basis.trace, basis.cores), price),
        peak=outcome.peak,
    )


def default_cases(basis: Basis) -> list[Case]:
    """A quarter to four times the executors that the tasks saw, and the run's own dynamic allocation."""
    seen = basis.executors if basis.fixed else max(1, round(basis.seen_slots / basis.slots))
    counts = {max(1, round(seen * step)) for step in _STEPS}
    if not basis.fixed:
        counts.add(basis.executors)
    near = sorted(count for count in counts if _near(count * basis.slots / basis.seen_slots))
    cases = [Case(executors=count) for count in near]
    if basis.settings is not None:
        most = basis.settings.most
        cases.append(Case(dynamic=Dynamic(basis.settings.least, None if math.isinf(most) else int(most))))
    return cases


def _near(ratio: float) -> bool:
    return abs(math.log(ratio)) <= math.log(MOST_RATIO) + 1e-9
