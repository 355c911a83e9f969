"""A job's runs on the two targets of ``plan --diff``."""

from __future__ import annotations

from collections.abc import Mapping

from launcher.advice.tuning.measured import cost_of_run
from launcher.advice.tuning.past import Past
from launcher.advice.tuning.which_target import Ran, Side, Verdict, which_target
from launcher.intake.earlier_runs import newest_of, pasts, same_job
from launcher.intake.gather_request import Intake
from launcher.planning.result import Plan
from launcher.spec.cluster import Cluster


def verdict(
    one: tuple[Intake, Plan], other: tuple[Intake, Plan], environ: Mapping[str, str]
) -> Verdict | None:
    """Which of two targets is faster and cheaper; ``None`` where no run of the job on either is known."""
    sides = [_side(*both, environ) for both in (one, other)]
    return which_target(*sides) if any(side.runs for side in sides) else None


def _side(intake: Intake, plan: Plan, environ: Mapping[str, str]) -> Side:
    app, cluster = intake.request.application, intake.request.cluster
    records = same_job(newest_of(app.name, environ), app.name, cluster.name, app.content)
    found = [past for past in pasts(records, environ) if past.succeeded and _whole(past)]
    qualified = intake.request.qualification
    return Side(
        target=cluster.name,
        gpus=plan.executors.gpus > 0,
        runs=tuple(_ran(past, cluster) for past in found),
        qualified=qualified.reason if qualified else "",
        currency=cluster.price.currency if cluster.price else "",
    )


def _whole(past: Past) -> bool:
    """Whether its log tells how long it took."""
    return past.basis.trace.end_ms is not None and not past.basis.trace.lost.cut


def _ran(past: Past, cluster: Cluster) -> Ran:
    cost = cost_of_run(past, cluster.price) if cluster.price else None
    return Ran(past.name, past.seconds, cost, past.listed_bytes)
