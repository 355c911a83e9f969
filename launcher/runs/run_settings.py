"""The settings that running adds to a plan. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from launcher.planning.event_log_settings import ENABLED, FOLDER, measuring
from launcher.planning.tracking import waiting
from launcher.redact import KEY_PATTERN, URL_PATTERN, masked
from launcher.spec.cluster import DeployMode


def run_settings(
    planned: Mapping[str, str], mark: Mapping[str, str], event_log: Path, deploy_mode: DeployMode
) -> dict[str, str]:
    """The settings of a run: the plan's, the mark by which the manager finds it, its event log, redaction.

    spark-submit stays to the end, also where somebody asked it to leave at once.

    Args:
        planned: settings of the plan; nothing else of them is changed.
        mark: see ``Manager.mark``.
        event_log: folder of this run on this machine.
        deploy_mode: where the driver runs; in cluster mode it cannot write to this machine.
    """
    # A mark stands beside what somebody asked for, such as tags of YARN.
    marks = {key: f"{planned[key]},{value}" if planned.get(key) else value for key, value in mark.items()}
    added = {"spark.redaction.regex": f"{KEY_PATTERN}|{URL_PATTERN}"}
    if deploy_mode == "client" and FOLDER not in planned:
        added[ENABLED] = "true"
        added[FOLDER] = event_log.absolute().as_uri()
        # Read while it grows; a compressed one shows nothing until a block is full.
        added["spark.eventLog.compress"] = "false"
        added["spark.eventLog.buffer.kb"] = "1"
        if planned.get(ENABLED, "true") == "true":
            added |= measuring(planned)
    return {**added, **planned, **marks, **waiting(planned, deploy_mode)}


def pasteable(settings: Mapping[str, str], event_log: Path) -> dict[str, str]:
    """The settings without the run's own event log: its folder is there only when the run is."""
    if settings.get(FOLDER) != event_log.absolute().as_uri():
        return dict(settings)
    own = measuring({})
    return {
        key: value
        for key, value in settings.items()
        if not key.startswith("spark.eventLog.") and own.get(key) != value
    }


def added_environment(child: Mapping[str, str], parent: Mapping[str, str]) -> dict[str, str]:
    """The variables that the child has and its parent has not, or has otherwise; secrets masked."""
    return {name: masked(name, value) for name, value in child.items() if parent.get(name) != value}


def split_secrets(settings: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Settings for the argument list, and those that go by a file that only the owner can read."""
    hidden = {key: value for key, value in settings.items() if masked(key, value) != value}
    return {key: value for key, value in settings.items() if key not in hidden}, hidden
