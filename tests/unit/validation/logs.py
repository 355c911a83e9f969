"""Event logs of our own, in the words of Spark's events."""

from __future__ import annotations

import json
from collections.abc import Mapping

SETTINGS = {"spark.master": "yarn", "spark.app.id": "application_1_2", "spark.speculation": "true"}


def start(version: str = "3.5.3") -> str:
    return json.dumps({"Event": "SparkListenerLogStart", "Spark Version": version})


def environment(settings: Mapping[str, str] = SETTINGS, command: str = "SparkSubmit job.py") -> str:
    event = {
        "Event": "SparkListenerEnvironmentUpdate",
        "JVM Information": {"Java Version": "17.0.1 (Eclipse)", "Scala Version": "version 2.12.18"},
        "Spark Properties": settings,
        "System Properties": {"sun.java.command": command},
        "Classpath Entries": {
            "/opt/spark/jars/tool-1.0.jar": "System Classpath",
            "/etc/conf": "System Classpath",
        },
    }
    return json.dumps(event)


def end() -> str:
    return json.dumps({"Event": "SparkListenerApplicationEnd", "Timestamp": 1})


def whole() -> bytes:
    return "\n".join([start(), environment(), end(), ""]).encode()
