"""A comparison in words and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import nlargest
from typing import Any

from launcher.records.record import State
from launcher.report.compare.comparison import CAUSES, Comparison, StageDifference
from launcher.report.findings.loss import listed, seconds_text
from launcher.report.report import Report, source_document
from launcher.spec.units import human_bytes

MOST_STAGES = 8
LEAST_S = 0.05


def document(made: Comparison) -> dict[str, Any]:
    """The JSON; the rounded parts sum to the rounded difference."""
    difference = round(made.difference_s, 3)
    parts = {cause: round(made.seconds[cause], 3) for cause in CAUSES}
    parts["noise"] = round(parts["noise"] + difference - sum(parts.values()), 3)
    return {
        "v": 1,
        "a": source_document(made.a),
        "b": source_document(made.b),
        "difference_s": difference,
        "parts": [
            {"cause": cause, "seconds": seconds, "why": why(made, cause)} for cause, seconds in parts.items()
        ],
        "stages": [
            {"a": one.a, "b": one.b, "name": one.name, "difference_s": round(one.seconds, 3)}
            for one in made.stages
        ],
    }


def why(made: Comparison, cause: str) -> str:
    """What the split by this cause rests on."""
    return {
        "input": _input,
        "settings": _settings,
        "code": _code,
        "executors": _executors,
        "failures": _failures,
        "noise": _noise,
    }[cause](made)


def _input(made: Comparison) -> str:
    before, after = (_read(one) for one in (made.a, made.b))
    return f"{before} read, then {after}" if before != after else f"{before} read by both"


def _read(report: Report) -> str:
    total = sum(row.read_bytes for row in report.stages)
    return human_bytes(total) if total else "nothing"


def _settings(made: Comparison) -> str:
    if made.a.view.trace.conf is None or made.b.view.trace.conf is None:
        return "one of the logs has lost its settings"
    return listed(made.settings, 4) if made.settings else "none differs"


def _code(made: Comparison) -> str:
    if made.code is None:
        return "not known: one of them has no record with a hash of its code"
    if made.unlike:
        return f"{made.a.name} and {made.b.name} have few stages in common: they are other applications"
    return "its hash changed" if made.code else "its hash is the same"


def _executors(made: Comparison) -> str:
    sizes = f"; {listed(made.sizes, 4)}" if made.sizes else ""
    shapes = [one.shape_text for one in (made.a, made.b)]
    shape = shapes[0] + ", as before" if shapes[0] == shapes[1] else f"{shapes[0]}, then {shapes[1]}"
    return f"{shape}; the start made {_signed(made.start_s)}{sizes}"


def _failures(made: Comparison) -> str:
    failed = [sum(row.failed for row in one.stages) for one in (made.a, made.b)]
    return f"{failed[0]:,} failed attempts of tasks, then {failed[1]:,}"


def _noise(made: Comparison) -> str:
    return f"what nothing else explains; of it and the rest the driver made {_signed(made.driver_s)}"


def warnings(made: Comparison) -> Iterator[str]:
    """What makes the comparison doubtful, one sentence each."""
    for name, one in (("A", made.a), ("B", made.b)):
        yield from (f"{name}: {why}" for why in one.view.trace.lost.why)
        if one.view.trace.failed:
            yield f"{name} ended badly: its time is not what it takes to succeed"


def no_success(report: Report) -> str | None:
    """Why the time of a run is not what it takes to succeed; ``None`` where it succeeded."""
    record, trace = report.record, report.view.trace
    if record is not None and record.state.final and record.state is not State.SUCCEEDED:
        return f"it ended as {record.outcome or record.state.value}"
    if trace.failed:
        return "its application failed"
    # A log may lose its end, as one in a store does; its warning stays.
    told = record is not None and record.state is State.SUCCEEDED
    return "its log has no end" if trace.end_ms is None and not told else None


def lines(made: Comparison) -> Iterator[str]:
    """The comparison for a terminal."""
    for name, one in (("A", made.a), ("B", made.b)):
        run = one.record.run_id if one.record is not None else one.log_text
        yield f"{name}  {one.name}  {seconds_text(one.view.seconds)}, {one.cost_text}  ({run})"
    yield ""
    share = made.difference_s / made.a.view.seconds
    way = "slower" if made.difference_s > 0 else "faster"
    alike = abs(made.difference_s) < LEAST_S
    yield "B took as long as A" if alike else (
        f"B is {seconds_text(abs(made.difference_s))} ({abs(share):.1%}) {way}"
    )  # fmt: skip
    for cause in CAUSES:
        yield f"  {_signed(made.seconds[cause]):>9}  {cause:<10} {why(made, cause)}"
    top = nlargest(MOST_STAGES, made.stages, key=lambda one: abs(one.seconds))
    shown = [one for one in top if abs(one.seconds) >= LEAST_S]
    if shown:
        yield ""
        yield "Stages"
        yield from (f"  {_signed(one.seconds):>9}  {_numbers(one):<10} {one.name}" for one in shown)


def _numbers(one: StageDifference) -> str:
    if one.a is None:
        return f"only B {one.b}"
    return f"only A {one.a}" if one.b is None else (str(one.a) if one.a == one.b else f"{one.a} -> {one.b}")


def _signed(seconds: float) -> str:
    if abs(seconds) < LEAST_S:
        return "0.0 s"
    return f"{'+' if seconds > 0 else '-'}{seconds_text(abs(seconds))}"
