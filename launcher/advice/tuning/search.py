"""All sizes of runs that were laid out alike: measured where they were run, else predicted. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from launcher.advice.allocation.allocation_settings import INITIAL, INSTANCES
from launcher.advice.prediction.basis import Basis
from launcher.advice.prediction.case import Case, Dynamic
from launcher.advice.prediction.contention import Contention
from launcher.advice.prediction.predict import predict
from launcher.advice.prediction.refusals import reads_again
from launcher.advice.tuning.candidates import Room, candidates
from launcher.advice.tuning.choose import Option
from launcher.advice.tuning.measured import corrected, corrections
from launcher.advice.tuning.size_settings import TRACKING_ON, may_be_dynamic, needs_tracking
from launcher.advice.tuning.sizing import Sizing
from launcher.advice.tuning.too_small import TooSmall
from launcher.spec.cluster import Price


@dataclass(frozen=True)
class Known:
    """What predictions of one layout rest on.

    Attributes:
        basis: the newest run, with the input of the next.
        contention: of the cluster; ``None`` where no job was run at two sizes.
        price: of executors.
        barred: sizes that may be too small; ``None``: no run wanted more memory.
    """

    basis: Basis
    contention: Contention | None
    price: Price | None
    barred: TooSmall | None = None


def option(known: Known, sizing: Sizing) -> Option:
    """What is predicted of a size; of one that may be too small nothing."""
    if known.barred is not None and sizing.most < known.barred.enough:
        return Option(sizing, None, why=known.barred.why)
    return _predicted(known, sizing)


def search(known: Known, seen: Mapping[Sizing, Option], room: Room, most_tasks: int) -> list[Option]:
    """Every size that there is room for.

    Args:
        known: what predictions rest on.
        seen: sizes that were measured.
        room: executors that there may be.
        most_tasks: how many tasks the search may play.
    """
    sizes = candidates(known.basis.executors, _room(room, known.basis), known.basis.model.tasks, most_tasks)
    said = corrections(seen, {sizing: _predicted(known, sizing) for sizing in seen})
    found = [one for sizing, one in seen.items() if sizing.most <= room.most]
    return found + [corrected(option(known, sizing), said) for sizing in sizes if sizing not in seen]


def _room(room: Room, basis: Basis) -> Room:
    """Executors may come and go where Spark lets them, with shuffle data only where no later job reads it."""
    return replace(
        room,
        dynamic=room.dynamic and may_be_dynamic(basis.conf, basis.trace.spark),
        forgets_shuffles=room.forgets_shuffles and not reads_again(basis.trace),
    )


def _predicted(known: Known, sizing: Sizing) -> Option:
    basis, conf = known.basis, dict(known.basis.conf)
    if needs_tracking(conf, basis.trace.spark):
        conf[TRACKING_ON] = "true"
    found = predict(basis, case_of(sizing, conf), known.contention, known.price)
    return Option(sizing, found.seconds, found.low, found.high, found.executor_seconds, found.cost, found.why)


def case_of(sizing: Sizing, conf: Mapping[str, str]) -> Case:
    """The question of a size; settings of the run that the size leaves alone stay."""
    if sizing.least is None:
        return Case(executors=sizing.most)
    # Spark starts with the larger of two settings (Utils.getDynamicAllocationInitialExecutors).
    start = sizing.settings[INITIAL]
    return Case(
        dynamic=Dynamic(sizing.least, sizing.most), conf={**conf, **sizing.settings, INSTANCES: start}
    )
