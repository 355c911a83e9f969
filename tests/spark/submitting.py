"""What the tests of real submissions share: a packaged zip with a user's job, and the bare command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from launcher.cli.support import jar_paths
from launcher.environment import running_interpreter, spark_environment
from launcher.host.java.find import required_java
from launcher.host.packaging.users import collect
from launcher.host.packaging.zipped import MAIN_FILE, module_files, zip_bytes

TIMEOUT_S = 300
USER_JOB = '''
"""A job from outside the project."""

from dataclasses import dataclass

from sparkjobs.ingest.typing import Column
from sparkjobs.job import BatchParams, Job, OutputTable
from sparkjobs.params import param


@dataclass(frozen=True)
class Params(BatchParams):
    factor: int = param(10, help="multiplies the values")


def run(context, params):
    rows = context.read_rows([Column("id", "string"), Column("value", "bigint")])
    return [OutputTable("scaled", rows.selectExpr("id", f"value * {params.factor} AS value"), at_root=True)]


JOB = Job(name="scale_from_outside", summary="Multiplies values.", params=Params, run=run)
'''


@dataclass(frozen=True)
class Submitted:
    """What spark-submit answered."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def result(self) -> dict[str, Any]:
        """The result JSON: the last line of stdout."""
        answer: dict[str, Any] = json.loads(self.stdout.splitlines()[-1])
        return answer


def packaged(folder: Path) -> Path:
    """The zip with our package and ``scale_from_outside``, which is installed nowhere."""
    (folder / "outside_jobs.py").write_text(USER_JOB)
    import sparkjobs

    user = collect("outside_jobs", folder)
    files = {**module_files("sparkjobs", Path(sparkjobs.__file__)), **user.files}
    target = folder / "sparkjobs.zip"
    target.write_bytes(zip_bytes(files, user.jobs))
    (folder / "outside_jobs.py").unlink()
    sys.modules.pop("outside_jobs", None)
    return target


def environment() -> dict[str, str]:
    """The environment for spark-submit: no import path of this process."""
    environ = spark_environment(os.environ, running_interpreter(), required_java(os.environ).home)
    return {
        name: value for name, value in environ.items() if name not in ("PYTHONPATH", "PYSPARK_SUBMIT_ARGS")
    }


def bare_submit(
    master: str, archive: Path, work: Path, *arguments: object, conf: Sequence[str] = ()
) -> Submitted:
    """The documented line for a bare spark-submit, in the folder ``work``; ``conf`` as a site may set it."""
    environ = environment()
    jars = ",".join(map(str, jar_paths(os.environ, ["delta"])))
    command = [f"{environ['SPARK_HOME']}/bin/spark-submit", "--master", master, "--driver-memory", "1g"]
    command += ["--conf", "spark.ui.enabled=false", "--conf", "spark.sql.shuffle.partitions=2"]
    command += [part for setting in conf for part in ("--conf", setting)]
    command += ["--jars", jars, "--py-files", str(archive), str(MAIN_FILE), *map(str, arguments)]
    done = subprocess.run(
        command, cwd=work, env=environ, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    return Submitted(done.returncode, done.stdout, done.stderr)
