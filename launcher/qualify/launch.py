"""How the part inside Spark is started: settings and arguments. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from launcher.planning.submit.command import Submission
from launcher.spec.application import Application
from launcher.spec.local_settings import DELTA, quoted
from sparkjobs import qualify

MAIN_FILE = Path(qualify.__file__).with_name("main.py")
# Below it stands the package, which the part inside Spark imports.
IMPORTS = MAIN_FILE.parents[2]


@dataclass(frozen=True)
class Explaining:
    """What a start is made from.

    Attributes:
        application: what is explained.
        spark_home: the Spark that plans.
        jars: of the class path, the slim jar first.
        scratch: an empty folder for everything that Spark writes on the way.
        log_config: logging configuration of the JVM.
    """

    application: Application
    spark_home: Path
    jars: tuple[Path, ...]
    scratch: Path
    log_config: Path

    @property
    def answer(self) -> Path:
        """Where the answer will be."""
        return self.scratch / "answer.json"


def submission(request: Explaining) -> Submission:
    """The spark-submit call."""
    app = request.application
    return Submission(
        binary=str(request.spark_home / "bin" / "spark-submit"),
        settings=settings(request),
        main=str(MAIN_FILE),
        arguments=[
            str(request.answer), str(request.scratch), app.kind, app.path or app.name, *app.arguments,
        ],
    )  # fmt: skip


def settings(request: Explaining) -> Mapping[str, str]:
    """Every setting: one thread, no traces, and nothing of the site that would start by itself."""
    java = [
        quoted(f"-Dlog4j2.configurationFile={request.log_config.absolute().as_uri()}"),
        quoted(f"-Djava.io.tmpdir={request.scratch}"),
        # It plans for some seconds and ends.
        "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
    ]  # fmt: skip
    return {
        "spark.master": "local[1]",
        "spark.app.name": "sparkjob qualify",
        "spark.driver.memory": "1g",
        "spark.driver.extraClassPath": ":".join(map(str, request.jars)),
        "spark.driver.extraJavaOptions": " ".join(java),
        "spark.driver.host": "localhost",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.eventLog.enabled": "false",
        "spark.plugins": "",
        "spark.local.dir": str(request.scratch),
        "spark.sql.warehouse.dir": str(request.scratch / "warehouse"),
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.adaptive.enabled": "false",
        **DELTA,
    }
