"""Plans for the renderers: every shipped profile, as the command line would ask for them."""

from __future__ import annotations

from pathlib import Path

from launcher.planning.make import make_plan
from launcher.planning.plan_request import PlanRequest
from launcher.planning.result import Plan
from launcher.spec.application import UNKNOWN_INPUT, Application, InputSize
from launcher.spec.config.discovery import names
from launcher.spec.config.flags import flag_pins
from launcher.spec.config.read_profile import read_cluster
from launcher.spec.layer import Origin, Pin, resolve
from tests.unit.planning.clusters import MACHINE, VERSIONS

NOWHERE = Path("/nowhere")
TARGETS = names("clusters", {"HOME": "/nowhere"}, NOWHERE)
CLUSTERS = [target for target in TARGETS if target != "laptop"]
ARGUMENTS = ("--day", "2026-01-31", "two words", "it's", "$HOME", "--conf", "x=y", "")
SCRIPT = Application("etl", "script", "/jobs/etl.py", ARGUMENTS, UNKNOWN_INPUT, writes_delta=False)
JOB = Application(
    "wordcount", "job", None, ("--input", "in"), InputSize(50 << 30, 3, "3 files listed"), writes_delta=True
)
SECRETS = {
    "spark.hadoop.fs.s3a.secret.key": "hunter2-a",
    "spark.hadoop.javax.jdo.option.ConnectionPassword": "hunter2-b",
    "spark.myservice.token": "hunter2-c",
    "spark.hadoop.fs.azure.account.key.x.dfs.core.windows.net": "hunter2-d",
}


def shipped(target: str, application: Application = SCRIPT, *confs: str, **flags: str) -> Plan:
    """The plan for a shipped profile, with pins as ``--conf`` and spark-submit's flags give them."""
    cluster = read_cluster(target, {"HOME": "/nowhere"}, NOWHERE)
    profile = tuple(Pin(key, value, Origin.PROFILE, "profile") for key, value in cluster.conf.items())
    return make_plan(
        PlanRequest(
            application, cluster, MACHINE, VERSIONS,
            pins=tuple(resolve((*flag_pins(flags, confs), *profile)).values()),
            deploy_mode=cluster.deploy_mode,
            jars=("/cache/delta.jar", "/cache/storage.jar") if application.writes_delta else (),
            log_config="file:///conf/log4j2.properties",
        )
    )  # fmt: skip


def with_secrets(target: str) -> Plan:
    """A plan that holds secrets, each over another of a lower origin."""
    twice = [f"{key}={value}-{number}" for key, value in SECRETS.items() for number in (1, 2)]
    return shipped(target, SCRIPT, *twice, "spark.x=https://user:hunter2-e@host/")


def settings(plan: Plan) -> dict[str, str]:
    """Its settings by key."""
    return {setting.key: setting.value for setting in plan.settings}
