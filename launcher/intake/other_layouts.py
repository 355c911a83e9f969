"""The runs of a job that were laid out otherwise than its next one, with the room for their executors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from launcher.advice.tuning.other_layout import OtherLayout
from launcher.advice.tuning.past import Past
from launcher.advice.tuning.work_layout import CORES, Layout
from launcher.intake.room import room_of
from launcher.planning.result import Plan
from launcher.spec.cluster import Cluster
from launcher.spec.layer import Pin
from sparkjobs.errors import UsageError


def other_layouts(
    pasts: Sequence[Past], newest: Past, cluster: Cluster | None, start: Path, environ: Mapping[str, str]
) -> tuple[OtherLayout, ...]:
    """Runs of every layout but that of the newest run, those of each together.

    Args:
        pasts: runs of one job, the newest first.
        newest: the run whose layout is today's.
        cluster: where the next run goes; ``None``: nobody says.
        start: absolute working folder.
        environ: tells where the configuration is.
    """
    others = sorted((past for past in pasts if past.layout != newest.layout), key=_order)
    groups = [tuple(same) for _, same in groupby(others, _order)]
    return tuple(_other(same, newest, cluster, start, environ) for same in groups)


def _order(past: Past) -> tuple[int, tuple[tuple[str, str], ...]]:
    return past.basis.cores, past.partitions


def _other(
    same: tuple[Past, ...], newest: Past, cluster: Cluster | None, start: Path, environ: Mapping[str, str]
) -> OtherLayout:
    own = dict(newest.asked)
    pasts = tuple(past for past in same if dict(past.asked) == own)
    if not pasts:
        keys = sorted({key for key, _ in {*same[0].asked} ^ {*newest.asked}})
        why = f"{same[0].name} with {same[0].layout.text} had other settings besides: {', '.join(keys)}"
        return OtherLayout(same, None, why)
    try:
        return OtherLayout(pasts, room_of(cluster, pasts[0].basis, start, environ))
    except UsageError as error:
        return OtherLayout(pasts, None, error.message)


def allowed(layout: Layout, pins: Sequence[Pin]) -> bool:
    """Whether a layout is what somebody set of it.

    Args:
        layout: of an earlier run.
        pins: what somebody set of the layout of the next run.
    """
    has = {**dict(layout.partitions), CORES: str(layout.cores)}
    return all(has.get(pin.key) == pin.value for pin in pins)


def seen_from(past: Past, plan: Plan, today: Layout) -> Past:
    """A run whose partitions are told by the keys that somebody set for it, or sets for the next run.

    Args:
        past: the run.
        plan: of the next one.
        today: its layout.
    """
    keys = sorted({key for key, _ in (*past.partitions, *today.partitions)})
    had = {key: past.basis.conf[key] for key in keys if key in past.basis.conf}
    same = all(had.get(key) == plan.value(key) for key in keys)
    return replace(past, partitions=today.partitions if same else tuple(had.items()))
