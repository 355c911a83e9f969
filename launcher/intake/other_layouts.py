"""The runs of a job that were laid out otherwise than its next one, with the room for their executors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from launcher.advice.tuning.other_layout import OtherLayout
from launcher.advice.tuning.past import Past
from launcher.advice.tuning.work_layout import CORES, PARTITION_KEYS, Layout, plain
from launcher.intake.room import room_of
from launcher.planning.result import Plan
from launcher.spec.cluster import Cluster
from launcher.spec.config.layers import enforced_keys
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
    others = [past for past in pasts if past.layout != newest.layout]
    groups = [tuple(same) for _, same in groupby(sorted(others, key=_order), _order)]
    return tuple(_other(same, newest, cluster, start, environ) for same in groups)


def _order(past: Past) -> tuple[int, tuple[tuple[str, str], ...]]:
    return past.basis.cores, past.partitions


def _other(
    same: tuple[Past, ...], newest: Past, cluster: Cluster | None, start: Path, environ: Mapping[str, str]
) -> OtherLayout:
    own = (dict(newest.asked), newest.on_gpus)
    pasts = tuple(past for past in same if (dict(past.asked), past.on_gpus) == own)
    why = _enforced(same[0], newest, cluster) if pasts else _unlike(same[0], newest)
    if why:
        return OtherLayout(same, None, why)
    try:
        return OtherLayout(pasts, room_of(cluster, pasts[0].basis, start, environ))
    except UsageError as error:
        return OtherLayout(pasts, None, error.message)


def _unlike(past: Past, newest: Past) -> str:
    had = f"{past.name} with {past.layout.text} had"
    if past.on_gpus != newest.on_gpus:
        return f"{had} {gpus_text(past.on_gpus)}"
    keys = sorted({key for key, _ in {*past.asked} ^ {*newest.asked}})
    return f"{had} other settings besides: {', '.join(keys)}"


def gpus_text(there: bool) -> str:
    """For people."""
    return "GPUs" if there else "no GPUs"


def _enforced(past: Past, newest: Past, cluster: Cluster | None) -> str:
    """Why a layout is not to be had: the profile enforces what it changes; empty where it does not."""
    if cluster is None:
        return ""
    cores = () if past.layout.cores == newest.layout.cores else (CORES,)
    changed = {*cores, *(key for key, _ in {*past.partitions} ^ {*newest.partitions})}
    key = next((key for key in sorted(changed) if key in enforced_keys(cluster)), None)
    return f"{past.layout.text}: the profile enforces {key}" if key else ""


def by_value(pasts: Sequence[Past]) -> list[Past]:
    """Runs whose partitions are told alike: a plan may compute what somebody else sets.

    A value that nobody set for any of them follows the input, and tells no layout.
    """
    named = {(key, plain(key, value)): value for past in pasts for key, value in past.partitions}
    return [replace(past, partitions=_named(past, named)) for past in pasts]


def _named(past: Past, named: Mapping[tuple[str, str], str]) -> tuple[tuple[str, str], ...]:
    conf = past.basis.conf
    had = [(key, plain(key, conf[key])) for key in PARTITION_KEYS if key in conf]
    return tuple((key, named[key, value]) for key, value in had if (key, value) in named)


def is_laid_out_as(past: Past, today: Layout, plan: Plan) -> bool:
    """Whether a run was laid out as the next one will be.

    Args:
        past: the run.
        today: the layout of the next one: its cores, and partitions that somebody sets.
        plan: of the next one.
    """
    keys = {key for key, _ in (*past.partitions, *today.partitions)}
    conf = past.basis.conf
    same = all(plain(key, conf.get(key, "")) == plain(key, plan.value(key) or "") for key in keys)
    return same and past.layout.cores == today.cores
