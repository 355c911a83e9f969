"""How the driver's JVM logs, where it runs on this machine."""

from __future__ import annotations

from launcher.planning.groups import Group
from launcher.planning.javaoptions import additions
from launcher.planning.request import PlanRequest
from launcher.planning.sheet import Sheet
from launcher.spec.cluster import DeployMode
from launcher.spec.local_settings import quoted

OPTIONS = "spark.driver.extraJavaOptions"


def put_logging(sheet: Sheet, request: PlanRequest, mode: DeployMode) -> None:
    """Our logging configuration for a driver in client mode; in cluster mode the file is not there."""
    if mode == "cluster" or not request.log_config:
        return
    pin = sheet.pins.get(OPTIONS)
    options = additions(
        pin.value if pin else None, [quoted(f"-Dlog4j2.configurationFile={request.log_config}")]
    )
    if options:
        why = "the driver logs warnings and errors, in place of hundreds of lines of information"
        sheet.extend(Group.DRIVER, OPTIONS, options, " ", why, "Spark: Configuring Logging")
