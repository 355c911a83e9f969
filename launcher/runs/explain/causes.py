"""All causes, in the order in which they are asked: what is narrow or particular before what is general."""

from __future__ import annotations

from launcher.runs.explain.cause import Cause
from launcher.runs.explain.families import (
    cluster,
    data,
    delta,
    ending,
    java,
    jobs,
    out_of_memory,
    python,
    rights,
    storage,
)

CAUSES: tuple[Cause, ...] = (
    *java.CAUSES,
    *out_of_memory.CAUSES,
    *python.CAUSES,
    *delta.CAUSES,
    *rights.CAUSES,
    *storage.CAUSES,
    *data.CAUSES,
    *cluster.CAUSES,
    *jobs.CAUSES,
    *ending.CAUSES,
)
BY_ID = {cause.id: cause for cause in CAUSES}
