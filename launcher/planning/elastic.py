"""How many executors: a range that follows the work, or a fixed number where a range would not help."""

from __future__ import annotations

from dataclasses import dataclass

from launcher.planning.capacity import Capacity
from launcher.planning.executor_bounds import DYNAMIC, at_start, bound, check_most, check_order
from launcher.planning.pinned import Pinned
from launcher.planning.plan_request import PlanRequest
from launcher.planning.work import Work
from launcher.spec.units import counted
from sparkjobs.errors import UsageError

# Of an input of known size, a quarter of the executors that it can use starts at once; Spark asks for the
# rest in growing steps, should tasks still wait.
FIRST_SHARE = 4
# A fixed number works its tasks off in two rounds: half the machines for less than twice the time.
ROUNDS = 2
UNKNOWN_FIRST = 2
STREAM_EXECUTORS = 2


@dataclass(frozen=True)
class Choice:
    """A range between which Spark moves, or the stream itself, or a fixed number; and why."""

    dynamic: bool
    why: str
    follows: bool = False


@dataclass(frozen=True)
class Counts:
    """How many executors, each with its reason.

    Attributes:
        dynamic: Spark's dynamic allocation moves between ``min`` and ``max``.
        follows: the stream itself does.
        why: why it does, or does not.
        min: fewest.
        initial: at the start.
        max: most.
        min_why: why so many at least.
        initial_why: why so many at the start.
        max_why: why so many at most.
    """

    dynamic: bool
    why: str
    min: int
    initial: int
    max: int
    min_why: str
    initial_why: str
    max_why: str
    follows: bool = False


def count_executors(
    request: PlanRequest, pins: Pinned, room: Capacity, todo: Work, slots: int, gpus: bool
) -> Counts:
    """Decide how many executors.

    Args:
        request: what is planned.
        pins: what somebody set.
        room: what the cluster and the limits allow.
        todo: the tasks of the input.
        slots: tasks that one executor runs at once.
        gpus: executors hold GPUs.

    Raises:
        UsageError: bounds contradict each other, the limits or the cluster.
    """
    choice = choose(request, pins, gpus)
    if choice.dynamic:
        return _range(pins, room, todo, slots, choice)
    if choice.follows:
        return _followed(pins, room, choice)
    number, why = _within(_fixed(request, pins, room, todo, slots), pins, room)
    return Counts(False, choice.why, number, number, number, why, why, why)


def choose(request: PlanRequest, pins: Pinned, gpus: bool) -> Choice:
    """Whether the number of executors follows the work."""
    own = pins.get(f"{DYNAMIC}.enabled")
    if own is not None:
        on = bool(pins.switch(own.key))
        return Choice(on, f"{own.place} says so", follows=not on and _follows(request, pins))
    if _follows(request, pins):
        return Choice(False, _follow_why(request), follows=True)
    fixed = pins.get("spark.executor.instances")
    if fixed is not None:
        return Choice(False, f"{fixed.place} fixes the number of executors at {fixed.value}")
    if _bounded(pins):
        return Choice(True, "bounds are given, and Spark moves between them as tasks wait or executors idle")
    nodes = request.cluster.nodes
    if request.application.streaming:
        return Choice(
            False,
            "dynamic allocation watches waiting tasks, not triggers: a stream with a trigger every second "
            "went from 1 to 3 executors and never back, so their number is fixed",
        )
    if gpus and nodes is not None and nodes.count is not None:
        return Choice(
            False,
            "the GPUs are always there, and an executor with one takes long to start: their number is fixed",
        )
    return Choice(True, "executors are asked for while tasks wait and given back when they idle")


def _follows(request: PlanRequest, pins: Pinned) -> bool:
    """Whether it is a stream of ours that looks again and again, and somebody wants its executors to move."""
    app = request.application
    return app.max_latency is not None or (app.looks_again and _bounded(pins))


def _follow_why(request: PlanRequest) -> str:
    asked = request.application.max_latency
    what = "bounds are given" if asked is None else f"--max-latency {asked} is given"
    return (
        f"{what}, and the stream itself moves between the bounds by how long its batches take; Spark's own "
        "allocation watches waiting tasks, so it would never shrink, and two cannot move one number"
    )


def _followed(pins: Pinned, room: Capacity, choice: Choice) -> Counts:
    least, least_place = bound(pins, "minExecutors", 0)
    first, first_place = at_start(pins)
    most, most_place = bound(pins, "maxExecutors", 1)
    for number, place in ((least, least_place), (first, first_place), (most, most_place)):
        if number is not None:
            check_most(number, room, place)
    top = room.executors if most is None else most
    bottom = min(1, top) if least is None else max(1, least)
    start = max(bottom, min(STREAM_EXECUTORS, top)) if first is None else max(1, first)
    check_order((bottom, least_place), (start, first_place), (top, most_place))
    return Counts(
        False,
        choice.why,
        bottom,
        start,
        top,
        "one reads on when little comes" if least is None else f"{least_place} is given",
        "one goes on while another is replaced, until batches are measured"
        if first is None
        else f"{first_place} is given",
        f"as many as there is room for: {room.how}"
        if most is None
        else f"{most_place} is given, of {room.executors} possible ({room.how})",
        follows=True,
    )


def _bounded(pins: Pinned) -> bool:
    keys = ("minExecutors", "initialExecutors", "maxExecutors")
    return any(pins.get(f"{DYNAMIC}.{key}") for key in keys)


def _fixed(request: PlanRequest, pins: Pinned, room: Capacity, todo: Work, slots: int) -> tuple[int, str]:
    own = pins.number("spark.executor.instances")
    pin = pins.get("spark.executor.instances")
    if own is not None and pin is not None:
        check_most(own, room, f"{pin.place}: spark.executor.instances={own}")
        return own, f"{pin.place} fixes it"
    if request.application.streaming:
        number = min(room.executors, STREAM_EXECUTORS)
        return (
            number,
            f"{number} of at most {room.executors} ({room.how}): one goes on while another is replaced",
        )
    if todo.tasks is None:
        return (
            room.executors,
            f"{todo.how} (--input-bytes N tells it), so as many as fit: {room.how}",
        )
    wanted = -(-todo.at_once // (slots * ROUNDS))
    each = f"{counted(wanted, 'executor')} of {counted(slots, 'slot')}"
    message = f"{todo.how}, work for {each} in {ROUNDS} rounds at most"
    if wanted > room.executors:
        message += f", but there is room for {room.executors}: {room.how}"
    return min(room.executors, wanted), message


def _within(fixed: tuple[int, str], pins: Pinned, room: Capacity) -> tuple[int, str]:
    """A fixed number between the bounds that were given all the same."""
    number, why = fixed
    least, least_place = bound(pins, "minExecutors", 0)
    most, most_place = bound(pins, "maxExecutors", 1)
    if least is not None and most is not None:
        check_order((least, least_place), (least, least_place), (most, most_place))
    if least is not None and number < least:
        check_most(least, room, least_place)
        number, why = least, f"{least_place} is given"
    if most is not None and number > most:
        number, why = most, f"{most_place} is given"
    pin = pins.get("spark.executor.instances")
    if pin is not None and str(number) != pin.value.strip():
        raise UsageError(f"{pin.place}: spark.executor.instances={pin.value} is outside the bounds: {why}")
    return number, why


def _range(pins: Pinned, room: Capacity, todo: Work, slots: int, choice: Choice) -> Counts:
    least, least_place = bound(pins, "minExecutors", 0)
    first, first_place = at_start(pins)
    most, most_place = bound(pins, "maxExecutors", 1)
    for number, place in ((least, least_place), (first, first_place), (most, most_place)):
        if number is not None:
            check_most(number, room, place)
    useful, max_why = _useful(room, todo, slots)
    top = most if most is not None else max(useful, least or 0, first or 0)
    bottom = least if least is not None else min(1, top, top if first is None else first)
    start, start_why = _start(room, todo, slots, bottom, top)
    start = start if first is None else first
    check_order((bottom, least_place), (start, first_place), (top, most_place))
    min_why = "one stays, so that the next stage need not wait for a start"
    return Counts(
        True,
        choice.why,
        bottom,
        start,
        top,
        min_why if least is None else f"{least_place} is given",
        start_why,
        max_why if most is None else f"{most_place} is given, of {room.executors} possible ({room.how})",
    )


def _useful(room: Capacity, todo: Work, slots: int) -> tuple[int, str]:
    if todo.tasks is None:
        return room.executors, f"{todo.how} (--input-bytes N tells it), so the cluster bounds it: {room.how}"
    # As ExecutorAllocationManager.maxNumExecutorsNeededPerResourceProfile, with executorAllocationRatio 1.
    needed = -(-todo.at_once // slots)
    if needed <= room.executors:
        return (
            needed,
            f"{todo.how}, all at once on {counted(needed, 'executor')} of {counted(slots, 'slot')}",
        )
    return (
        room.executors,
        f"{todo.how}, enough for {needed} executors, but there is room for {room.executors}: {room.how}",
    )


def _start(room: Capacity, todo: Work, slots: int, bottom: int, top: int) -> tuple[int, str]:
    ready = (
        f"the nodes that are always there hold {room.at_once}" if room.at_once else "no node is always there"
    )
    soon = max(1, room.at_once)
    if todo.tasks is None:
        start = max(bottom, min(UNKNOWN_FIRST, soon, top))
        return start, f"{todo.how}, so it starts small and grows while tasks wait; {ready}"
    needed = -(-todo.at_once // slots)
    quarter = -(-needed // FIRST_SHARE)
    start = max(bottom, min(quarter, soon, top))
    message = f"the input can use {counted(needed, 'executor')}"
    message += ", and a quarter starts at once" if quarter < needed else ""
    return start, message if start == quarter else f"{message}, as far as there is room: {ready}"
