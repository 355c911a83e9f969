"""What two runs of one job at two sizes tell of their cluster."""

from __future__ import annotations

from dataclasses import replace

from launcher.advice.prediction.basis import Basis
from launcher.advice.prediction.contention import LEAST_RATIO, Contention, by_bisection
from launcher.advice.replay.model import Lease
from launcher.advice.replay.player import Player
from launcher.spec.application import same_input


def learn(smaller: Basis, larger: Basis) -> Contention | None:
    """The contention with which one run predicts the other; ``None`` where the two do not compare.

    They do when both have the same application, executors of the same shape, as much input, and sizes that
    differ by enough to tell contention from noise; and the larger one had all of its executors throughout, or
    what it lacked at times would be taken for contention.
    """
    if smaller.seen_slots > larger.seen_slots:
        smaller, larger = larger, smaller
    if not _compare(smaller, larger):
        return None
    truth = larger.model.recorded_ms / 1000
    k = by_bisection(lambda contention: _seconds(smaller, larger, contention), truth)
    return Contention(k, (_evidence(smaller, larger),))


def _compare(smaller: Basis, larger: Basis) -> bool:
    one, other = smaller.trace, larger.trace
    return (
        one.name == other.name
        and larger.fixed
        and (smaller.cores, smaller.slots) == (larger.cores, larger.slots)
        and larger.seen_slots / smaller.seen_slots >= LEAST_RATIO
        and same_input(_input(smaller), _input(larger))
        and smaller.trace.end_ms is not None
        and larger.trace.end_ms is not None
    )


def _input(basis: Basis) -> int:
    return sum(stage.input_bytes for stage in basis.trace.stages)


def _seconds(smaller: Basis, larger: Basis, contention: Contention) -> float:
    """The smaller run on the larger one's executors, as they came and as if none went."""
    shift = smaller.model.start_ms - larger.model.start_ms
    leases = [_moved(lease, shift) for lease in larger.model.leases]
    conversions = smaller.warmth.conversions(contention, smaller.seen_slots, larger.seen_slots)
    return Player(smaller.model, leases, conversions).play().seconds


def _moved(lease: Lease, shift_ms: int) -> Lease:
    return replace(
        lease,
        added_ms=lease.added_ms + shift_ms,
        ready_ms=lease.ready_ms + shift_ms,
        closed_ms=None,
        removed_ms=None,
        lost=False,
    )


def _evidence(smaller: Basis, larger: Basis) -> str:
    parts = (f"{one.executors} executors {one.model.recorded_ms / 1000:.1f} s" for one in (smaller, larger))
    return f"{smaller.trace.name}: {', '.join(parts)}"
