"""A user's project, and commands in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from launcher.intake.gather_request import Intake, gather
from launcher.intake.invocation import Invocation
from launcher.planning.make import make_plan
from launcher.planning.result import Plan
from launcher.planning.setting import Setting
from launcher.spec.config.flags import flag_pins

PROFILE = """manager: standalone
address: spark://host:7077
spark_version: "4.0.4"
nodes: {count: 4, cores: 16, memory: 64g}
"""


class Project:
    """Files below a folder, a home without any configuration, a Spark without any defaults."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        for name in ("conf/clusters", "conf/jobs"):
            (self.folder / name).mkdir(parents=True)
        self.environ = {"HOME": str(folder / "home"), "SPARK_CONF_DIR": str(folder / "spark-conf")}
        self.defaults = folder / "spark-conf" / "spark-defaults.conf"
        self.defaults.parent.mkdir()
        self.write("conf/clusters/mine.yaml", PROFILE)

    def write(self, name: str, text: str) -> Path:
        """A file of the project."""
        path = self.folder / name
        path.write_text(text)
        return path

    def intake(self, what: str, *arguments: str, **more: Any) -> Intake:
        """What a command makes of its files; keywords are those of ``Asked``, ``flags`` and ``confs``."""
        pins = flag_pins(more.pop("flags", {}), more.pop("confs", ()))
        invocation = Invocation(what, arguments, self.folder, pins=pins, **{"target": "mine", **more})
        return gather(invocation, self.environ)

    def plan(self, what: str, *arguments: str, **more: Any) -> Plan:
        """Its plan."""
        return make_plan(self.intake(what, *arguments, **more).request)


def setting(plan: Plan, key: str) -> Setting:
    """One setting."""
    return next(setting for setting in plan.settings if setting.key == key)
