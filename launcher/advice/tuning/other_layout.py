"""Runs of the same job with other cores of an executor, or other partitions, as sizes to choose from. Pure.

What another layout does to a task no single run tells: so only layouts that were run are compared, each
predicted from its own runs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from launcher.advice.prediction.contention import Contention
from launcher.advice.tuning.candidates import Room
from launcher.advice.tuning.choose import Option
from launcher.advice.tuning.measured import measured
from launcher.advice.tuning.past import Past, alike, noise, useless
from launcher.advice.tuning.search import Known, search
from launcher.advice.tuning.too_small import too_small
from launcher.advice.tuning.work_layout import Layout
from launcher.spec.cluster import Price
from launcher.spec.units import human_bytes


@dataclass(frozen=True)
class OtherLayout:
    """Runs that were laid out alike, and otherwise than today.

    Attributes:
        pasts: the runs, the newest first; at least one.
        room: executors like theirs that there may be; ``None``: none.
        why: why there is no room, or why they do not count; empty where they do.
    """

    pasts: tuple[Past, ...]
    room: Room | None
    why: str = ""

    @property
    def layout(self) -> Layout:
        """Theirs."""
        return self.pasts[0].layout

    @property
    def good(self) -> list[Past]:
        """The runs that count."""
        return [past for past in self.pasts if not useless(past)]


def options_of(
    other: OtherLayout,
    newest: Past,
    contention: Contention | None,
    price: Price | None,
    most_tasks: int,
) -> list[Option]:
    """The sizes of another layout; one without a prediction that says why, where its runs do not tell.

    Args:
        other: its runs.
        newest: the newest run of today's layout, which counts.
        contention: of the cluster.
        price: of executors.
        most_tasks: how many tasks the search may play.
    """
    why = why_not(other, newest)
    good, room = other.good, other.room
    if why or room is None or not good:
        return [_named(Option(other.pasts[0].sizing, None, why=why), other)]
    known = Known(good[0].basis, contention, price, too_small(other.pasts))
    seen = measured(good, price)
    # Without prices executor-seconds are the cost, and an executor of twice the cores counts twice.
    weight = other.layout.cores / newest.layout.cores if price is None else 1.0
    return [_named(replace(option, weight=weight), other) for option in search(known, seen, room, most_tasks)]


def why_not(other: OtherLayout, newest: Past) -> str:
    """Why the runs of another layout do not count; empty where they do."""
    good = other.good
    if not good:
        return other.why or useless(other.pasts[0])
    if not alike(good[0], newest):
        ours, theirs = (human_bytes(past.input_bytes) for past in (newest, good[0]))
        return f"{good[0].name} with {other.layout.text} read {theirs}, {newest.name} {ours}"
    return other.why or noise(good)


def _named(option: Option, other: OtherLayout) -> Option:
    return replace(option, sizing=replace(option.sizing, layout=other.layout))
