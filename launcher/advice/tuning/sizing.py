"""How many executors, and when idle ones go: a fixed number, or bounds of dynamic allocation. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from launcher.advice.allocation.allocation_settings import ENABLED, INITIAL, INSTANCES, LEAST, MOST, PREFIX
from launcher.advice.tuning.work_layout import Layout
from launcher.spec.units import counted

IDLE, TRACKING = f"{PREFIX}executorIdleTimeout", f"{PREFIX}shuffleTracking.timeout"
KEYS = (ENABLED, INSTANCES, LEAST, INITIAL, MOST, IDLE, TRACKING)


@dataclass(frozen=True)
class Sizing:
    """A number of executors, or bounds of one.

    Attributes:
        most: the number, or the upper bound.
        least: the lower bound; ``None``: the number is fixed.
        initial: at the start, within the bounds.
        idle_s: an idle executor goes after so long; ``None``: after Spark's 60 s.
        tracking_s: one that holds shuffle data goes after so long; ``None``: when that is forgotten.
        layout: cores of an executor and partitions; ``None``: as they are today.
    """

    most: int
    least: int | None = None
    initial: int | None = None
    idle_s: int | None = None
    tracking_s: int | None = None
    layout: Layout | None = None

    @property
    def settings(self) -> Mapping[str, str]:
        """The Spark settings that make it so."""
        return {**self._count_settings(), **(self.layout.settings if self.layout else {})}

    def _count_settings(self) -> dict[str, str]:
        if self.least is None:
            return {ENABLED: "false", INSTANCES: str(self.most)}
        start = self.least if self.initial is None else self.initial
        found = {ENABLED: "true", LEAST: str(self.least), INITIAL: str(start), MOST: str(self.most)}
        if self.idle_s is not None:
            found[IDLE] = f"{self.idle_s}s"
        if self.tracking_s is not None:
            found[TRACKING] = f"{self.tracking_s}s"
        return found

    @property
    def text(self) -> str:
        """For people: ``3 executors``, ``1 to 6 executors, idle ones go after 10 s``."""
        return f"{self._count_text()} ({self.layout.text})" if self.layout else self._count_text()

    def _count_text(self) -> str:
        if self.least is None or self.least == self.most:
            return counted(self.most, "executor")
        start = "" if self.initial in (None, self.least) else f", {self.initial} at the start"
        idle = "" if self.idle_s is None else f", idle ones go after {self.idle_s} s"
        return f"{self.least} to {counted(self.most, 'executor')}{start}{idle}"
