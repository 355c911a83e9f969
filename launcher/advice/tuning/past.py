"""An earlier run as evidence: what it was, why it may not count. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from launcher.advice.allocation.allocation_settings import NEVER, AllocationSettings
from launcher.advice.prediction.bands import SAME
from launcher.advice.prediction.basis import Basis, is_local
from launcher.advice.tuning.sizing import Sizing
from launcher.advice.tuning.work_layout import Layout
from launcher.spec.application import same_input

# Shorter runs are mostly start and noise.
LEAST_S, LEAST_TASKS = 10.0, 8
# A run that cannot be played as it was cannot be played otherwise.
MOST_ERROR = 0.05
# Runs of one size that differ by more tell of something that nobody here knows.
MOST_SPREAD = 0.25
_DEFAULT_IDLE_MS = 60_000
# Of the class of the plugin.
RAPIDS = "com.nvidia"


@dataclass(frozen=True)
class Past:
    """One run.

    Attributes:
        basis: to predict from.
        run_id: the launcher's; ``None`` of a log that no run of the launcher wrote.
        log: where its event log lies, for people.
        succeeded: whether it did.
        listed_bytes: of its input, as it was listed before; ``None`` where nobody knew.
        partitions: settings that cut its work, where somebody set them, by key.
        asked: what else somebody set that a task may feel, by key.
    """

    basis: Basis
    run_id: str | None
    log: str
    succeeded: bool = True
    listed_bytes: int | None = None
    partitions: tuple[tuple[str, str], ...] = ()
    asked: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """For people."""
        return self.run_id or self.log

    @property
    def seconds(self) -> float:
        """What it took."""
        return self.basis.model.recorded_ms / 1000

    @property
    def input_bytes(self) -> int:
        """What its tasks read; what they read in vain, to be read again, does not count."""
        return sum(stage.input_bytes for stage in self.basis.trace.stages)

    @property
    def on_gpus(self) -> bool:
        """Whether GPUs did its work."""
        plugin = RAPIDS in self.basis.conf.get("spark.plugins", "")
        return plugin or any(executor.gpus for executor in self.basis.trace.executors)

    @property
    def kind(self) -> tuple[object, ...]:
        """What runs have in common that tell of one another."""
        return self.layout, self.asked, self.on_gpus

    @property
    def layout(self) -> Layout:
        """How its work was laid out."""
        return Layout(self.basis.cores, self.partitions)

    @property
    def sizing(self) -> Sizing:
        """The size that it ran at."""
        own = self.basis.settings
        if own is None:
            return Sizing(self.basis.executors)
        most = self.basis.executors if own.most == NEVER else int(own.most)
        return elastic(replace(own, most=most))


def elastic(settings: AllocationSettings) -> Sizing:
    """The size that settings of dynamic allocation with an upper bound make."""
    idle = settings.idle_ms
    idle_s = None if idle == _DEFAULT_IDLE_MS or math.isinf(idle) else round(idle / 1000)
    tracking = settings.tracking_ms
    tracking_s = None if math.isinf(tracking) else round(tracking / 1000)
    return Sizing(int(settings.most), settings.least, settings.initial, idle_s, tracking_s)


def useless(past: Past) -> str:
    """Why a run tells nothing; empty where it does."""
    trace = past.basis.trace
    if not past.succeeded:
        return f"{past.name} did not succeed: what it takes to succeed, it does not tell"
    master = past.basis.conf.get("spark.master", "")
    if is_local(master):
        return f"{past.name} was local ({master}): one process on one machine does not tell of executors"
    if trace.streams:
        return f"{past.name} is a stream: it takes as long as somebody lets it, whatever its executors do"
    if trace.conf is None:
        return f"the log of {past.name} has lost its settings"
    if trace.end_ms is None or trace.lost.cut:
        return f"the log of {past.name} is cut"
    if trace.lost.lines:
        return f"{trace.lost.lines} lines of the log of {past.name} are lost"
    if abs(past.basis.error) > MOST_ERROR:
        return f"the replay of {past.name} at its own executors is off by {past.basis.error:+.0%}"
    if past.seconds < LEAST_S or past.basis.model.tasks < LEAST_TASKS:
        return (
            f"{past.name} took {past.seconds:.1f} s with {past.basis.model.tasks} tasks: too little to tell"
        )
    return ""


def noise(pasts: Sequence[Past]) -> str:
    """Why the runs of one size contradict each other; empty where they do not. The newest run comes first."""
    newest = pasts[0]
    same = [past for past in pasts if past.sizing == newest.sizing and alike(past, newest)]
    times = [past.seconds for past in same]
    spread = max(times) / min(times) - 1
    if spread <= max(MOST_SPREAD, SAME):
        return ""
    return (
        f"{len(times)} runs with {newest.sizing.text} took {min(times):.1f} to {max(times):.1f} s: "
        f"{spread:.0%} apart, so no change could be told from chance"
    )


def alike(one: Past, other: Past) -> bool:
    """Whether they read as much: by what their tasks tell, else by what was listed before."""
    both = (one.input_bytes, other.input_bytes)
    if not any(both):
        both = (one.listed_bytes or 0, other.listed_bytes or 0)
        if not all(both):  # nobody knows
            return True
    return same_input(*both)
