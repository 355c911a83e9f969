"""Options of a JVM that the plan needs beside those that somebody pinned."""

from __future__ import annotations

import re

from launcher.planning.plan_request import PlanRequest
from launcher.planning.setting import Group
from launcher.planning.settings_builder import SettingsBuilder
from launcher.spec.cluster import DeployMode
from launcher.spec.local_settings import quoted

_COLLECTOR = re.compile(r"-XX:\+Use\w+GC")


def additions(pinned: str | None, wanted: list[str]) -> list[str]:
    """Those of ``wanted`` that ``pinned`` does not decide already.

    Args:
        pinned: options that somebody set; ``None`` for none.
        wanted: ``-Dname=value``, ``-XX:Name=value`` or ``-XX:+Use...GC``; the JVM refuses two collectors.
    """
    if pinned is None:
        return wanted
    return [option for option in wanted if not _decided(pinned, option)]


def _decided(pinned: str, option: str) -> bool:
    if _COLLECTOR.fullmatch(option):
        return _COLLECTOR.search(pinned) is not None
    name = option.strip('"').partition("=")[0]
    if name == "-XX:NewSize" and ("-Xmn" in pinned or _COLLECTOR.search(pinned)):
        return True  # the size that -Xmn fixes, or another collector finds for itself
    return f"{name}=" in pinned


OPTIONS = "spark.driver.extraJavaOptions"


def put_logging(builder: SettingsBuilder, request: PlanRequest, mode: DeployMode) -> None:
    """Our logging configuration for a driver in client mode; in cluster mode the file is not there."""
    if mode == "cluster" or not request.log_config:
        return
    pin = builder.pins.get(OPTIONS)
    # An option of the JVM, because log4j2 looks for it when the first logger is made, before any SparkConf.
    options = additions(
        pin.value if pin else None, [quoted(f"-Dlog4j2.configurationFile={request.log_config}")]
    )
    if options:
        why = "the driver logs warnings and errors, in place of hundreds of lines of information"
        builder.extend(Group.DRIVER, OPTIONS, options, " ", why, "Spark: Configuring Logging")
