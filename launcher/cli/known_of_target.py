"""What is known of the cluster that a run had: what its executors cost, how they contend."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from launcher.cli import console
from sparkjobs.errors import UsageError

if TYPE_CHECKING:
    from launcher.advice.prediction.contention import Contention
    from launcher.records.history.source import Source
    from launcher.records.record import Record
    from launcher.spec.cluster import Price


def price_of(record: Record | None) -> Price | None:
    """The price list of the profile that a run had; none where the profile is not there any more."""
    from launcher.spec.config.read_profile import read_cluster

    if record is None:
        return None
    try:
        return read_cluster(record.target, os.environ, Path.cwd()).price
    except UsageError as error:
        console.note(f"cost in executor-seconds: {error.message}")
        return None


def contention_of(source: Source) -> Contention | None:
    """What is known of the cluster that a run had, by it and the others of its job too."""
    from launcher.intake.earlier_runs import pasts_of, records_of
    from launcher.intake.known_contention import known_contention

    if source.record is None:
        return None
    return known_contention(
        source.record.target, pasts_of(source, records_of(source, os.environ), os.environ), os.environ
    )


def kept_contention(record: Record | None) -> Contention | None:
    """What is known of it already: no earlier run is read or played for it."""
    from launcher.intake.known_contention import known_contention

    return None if record is None else known_contention(record.target, (), os.environ)
