"""What is run, in order. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bench.six_workers import MOST

APPLICATIONS = ("bursty", "skewed", "wide_shuffle", "iterative", "small_jobs", "long_tail")
# Every size is predicted from one run at this one.
SEEN = 3
SIZES = tuple(range(1, MOST + 1))
ROUNDS = 5
SLOWDOWN = 0.10
_CUT_JOBS = "35"

Kind = Literal["seen", "fixed", "spark", "loop"]


@dataclass(frozen=True)
class Step:
    """One run.

    Attributes:
        application: which.
        kind: ``seen`` is predicted from, ``fixed`` compared with it, ``spark`` is Spark's own dynamic
            allocation with its defaults, ``loop`` runs with what the earlier rounds taught.
        number: executors of a fixed size, the round of a loop.
        arguments: of the application.
    """

    application: str
    kind: Kind
    number: int
    arguments: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Names it in the results."""
        return f"{self.application} {self.kind} {self.number}"


def steps(cut: bool = False) -> list[Step]:
    """All runs; ``cut`` takes those that show within minutes that it works."""
    if cut:
        runs: list[tuple[Kind, int]] = [("seen", 2), ("fixed", MOST), ("loop", 1), ("loop", 2)]
        return [Step("small_jobs", kind, number, (_CUT_JOBS,)) for kind, number in runs]
    found: list[Step] = []
    for application in APPLICATIONS:
        found.append(Step(application, "seen", SEEN))
        found += [Step(application, "fixed", size) for size in SIZES]
        found.append(Step(application, "spark", 0))
        found += [Step(application, "loop", number + 1) for number in range(ROUNDS)]
    return found


def flags(step: Step) -> Sequence[str]:
    """Flags of ``sparkjob run``."""
    if step.kind in ("seen", "fixed"):
        return ("--no-history", "--num-executors", str(step.number))
    if step.kind == "spark":
        return ("--no-history", *SPARKS_OWN)
    return ("--max-slowdown", f"{SLOWDOWN:.0%}")


# Spark's defaults for everything but the switch.
SPARKS_OWN = (
    "--conf", "spark.dynamicAllocation.enabled=true",
    "--conf", "spark.dynamicAllocation.minExecutors=0",
    "--conf", "spark.dynamicAllocation.initialExecutors=0",
    "--conf", f"spark.dynamicAllocation.maxExecutors={MOST}",
)  # fmt: skip
