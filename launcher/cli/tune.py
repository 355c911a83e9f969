"""``sparkjob tune``: what the next run of a job should have, from what earlier ones showed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from launcher.cli import console
from launcher.cli.planning_options import objective, objective_options
from launcher.cli.support import output_option
from sparkjobs.errors import UsageError
from sparkjobs.exits import EXIT_FAILED, EXIT_OK

if TYPE_CHECKING:
    from launcher.records.record import Record
    from launcher.spec.cluster import Cluster


@click.command(name="tune")
@click.argument("source")
@click.option("--target", metavar="CLUSTER", help="Cluster profile of the next run (default: the run's own).")
@objective_options
@output_option
def command(source: str, target: str | None, output: str, **given: Any) -> int:
    """Choose the settings of the next run by an objective, with the change that is predicted and its band.

    SOURCE is an event log, a run, or a job, whose newest run is taken. Without an objective only what makes
    nothing slower or dearer is changed. Exit codes: 0 change or hold, 1 no size meets the objective, 2 usage.
    """
    from launcher.advice.tuning.advise import tune
    from launcher.cli import tune_report
    from launcher.intake.earlier_runs import doubt, pasts_of, records_of
    from launcher.intake.known_contention import known_contention
    from launcher.intake.other_layouts import by_value, other_layouts
    from launcher.intake.room import room_of
    from launcher.records.history.source import read_source
    from launcher.spec.config.layers import enforced_keys

    wanted = objective(given)
    found = read_source(source, os.environ)
    cluster = _cluster(target, found.record)
    records = records_of(found, os.environ)
    pasts = by_value(pasts_of(found, records, os.environ))
    own = [past for past in pasts if past.kind == pasts[0].kind]
    # A run on a target without executors tells of none, and the answer says so; to name one is a mistake.
    bounds = cluster if target is not None or (cluster and cluster.nodes) else None
    room = room_of(bounds, pasts[0].basis, Path.cwd(), os.environ)
    # What runs tell of the cluster that they had they do not tell of another one.
    there = own if cluster and records and records[0].target == cluster.name else []
    known = known_contention(cluster.name, there, os.environ) if cluster else None
    price, unbelieved = cluster.price if cluster else None, doubt(records, os.environ)
    others = other_layouts(pasts, pasts[0], bounds, Path.cwd(), os.environ)
    settled = enforced_keys(cluster) if cluster else ()
    advice = tune(
        own,
        room,
        wanted,
        price,
        others=others,
        contention=known,
        distrust=unbelieved,
        settled=settled,
    )
    report = tune_report.Report(found, pasts[0], advice, room, cluster)
    if output == "json":
        console.document(tune_report.document(report))
    else:
        tune_report.show(report)
    return EXIT_FAILED if advice.decision == "impossible" else EXIT_OK


def _cluster(target: str | None, record: Record | None) -> Cluster | None:
    from launcher.spec.config.read_profile import read_cluster

    if target is not None:
        return read_cluster(target, os.environ, Path.cwd())
    if record is None:
        return None
    try:
        return read_cluster(record.target, os.environ, Path.cwd())
    except UsageError as error:
        console.note(f"warning: the profile of the run is gone, so nothing bounds its size: {error.message}")
        return None
