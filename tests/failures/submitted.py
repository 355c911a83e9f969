"""Failures that end the driver, an executor or spark-submit itself: each is a spark-submit of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TIMEOUT_S = 240
SMALL = ("--driver-memory", "600m")


@dataclass
class Made:
    """What a failing spark-submit is given.

    Attributes:
        script: text of its Python file.
        flags: its flags before the file.
        environ: variables beyond the usual; ``None`` removes one.
        master: value of ``--master``.
    """

    script: str
    flags: Iterable[str] = SMALL
    environ: dict[str, str | None] = field(default_factory=dict)
    master: str = "local[1]"


SUBMITTED: dict[str, Callable[[Path], Made]] = {}
SESSION = "from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\n"


def submitted(function: Callable[[Path], Made]) -> Callable[[Path], Made]:
    """Add a function by its name."""
    SUBMITTED[function.__name__.replace("_", "-")] = function
    return function


@submitted
def driver_heap(_: Path) -> Made:
    script = SESSION + "spark.range(0, 20_000_000, 1, 40).selectExpr('uuid()').collect()\n"
    confs = ("driver.maxResultSize=0", "executor.memory=600m")
    return Made(script, (*SMALL, *_conf(*confs)), master=_cluster())


@submitted
def driver_memory_spelling(_: Path) -> Made:
    return Made(SESSION, ("--driver-memory", "2gb"))


@submitted
def driver_memory_without_unit(_: Path) -> Made:
    return Made(SESSION, ("--driver-memory", "4"))


@submitted
def local_heap(_: Path) -> Made:
    script = SESSION + "spark.range(20_000_000).selectExpr('uuid()').collect()\n"
    return Made(script, (*SMALL, *_conf("driver.maxResultSize=0")))


@submitted
def driver_killed(_: Path) -> Made:
    return Made("import os\nos.kill(os.getpid(), 9)\n")


@submitted
def driver_stopped(_: Path) -> Made:
    return Made("import os\nos.kill(os.getpid(), 15)\n")


@submitted
def executor_heap(_: Path) -> Made:
    script = SESSION + (
        "spark.range(30_000_000).selectExpr('1 AS key', 'uuid() AS v').groupBy('key')"
        ".agg({'v': 'collect_list'}).selectExpr('size(`collect_list(v)`)').collect()\n"
    )
    return Made(script, (*SMALL, *_conf("executor.memory=600m", "task.maxFailures=1")), master=_cluster())


@submitted
def gc_overhead(_: Path) -> Made:
    columns = "struct(id, id + 1, cast(id AS string))"
    script = SESSION + f"spark.sql('SELECT collect_list({columns}) FROM range(60000000)').collect()\n"
    options = "-XX:+UseParallelGC -XX:GCTimeLimit=50 -XX:GCHeapFreeLimit=30 -XX:ParallelGCThreads=2"
    return Made(script, (*SMALL, "--driver-java-options", options))


@submitted
def executor_killed(_: Path) -> Made:
    script = SESSION + (
        "def end(value):\n"
        "    import os\n"
        "    daemon = os.getppid()\n"
        "    jvm = int(open(f'/proc/{daemon}/stat').read().rsplit(')', 1)[1].split()[1])\n"
        "    os.kill(jvm, 9)\n"
        "spark.sparkContext.parallelize([1], 1).map(end).count()\n"
    )
    return Made(script, (*SMALL, *_conf("task.maxFailures=1", "executor.memory=600m")), master=_cluster())


WAITING = SESSION + (
    "import threading\n"
    "threading.Timer(50, spark.sparkContext.cancelAllJobs).start()\n"
    "spark.range(10).count()\n"
)


@submitted
def executor_too_large(_: Path) -> Made:
    return Made(WAITING, (*SMALL, *_conf("executor.cores=4", "executor.memory=600m")), master=_cluster())


@submitted
def no_resources(_: Path) -> Made:
    confs = ("authenticate=true", "authenticate.secret=right")
    return Made(WAITING, (*SMALL, *_conf(*confs)), master=os.environ["SECURE_MASTER"])


@submitted
def master_unreachable(_: Path) -> Made:
    return Made(SESSION, master="spark://127.0.0.1:9")


@submitted
def master_host_unknown(_: Path) -> Made:
    return Made(SESSION, master="spark://master.invalid:7077")


@submitted
def driver_host_unknown(_: Path) -> Made:
    return Made(SESSION, (*SMALL, *_conf("driver.bindAddress=203.0.113.7", "port.maxRetries=1")))


@submitted
def port_taken(_: Path) -> Made:
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    _HELD.append(taken)  # until the interpreter ends
    port = taken.getsockname()[1]
    confs = (f"driver.port={port}", "port.maxRetries=0", "driver.bindAddress=127.0.0.1")
    return Made(SESSION, (*SMALL, *_conf(*confs)))


_HELD: list[socket.socket] = []


@submitted
def delta_session_without_jars(_: Path) -> Made:
    script = SESSION + "spark.sql('CREATE TABLE t (id long) USING delta')\n"
    extension = "sql.extensions=io.delta.sql.DeltaSparkSessionExtension"
    catalog = "sql.catalog.spark_catalog=org.apache.spark.sql.delta.catalog.DeltaCatalog"
    return Made(script, (*SMALL, *_conf(extension, catalog)))


@submitted
def class_of_a_newer_java(work: Path) -> Made:
    jar = _jar(work, {"Plugin": "public class Plugin { }"}, ())
    script = SESSION + "spark._jvm.java.lang.Class.forName('Plugin')\n"
    return Made(script, (*SMALL, "--driver-class-path", str(jar)))


@submitted
def jar_of_another_version(work: Path) -> Made:
    caller = "public class Caller { public static void run() { Called.run(); } }"
    _jar(work, {"Called": "public class Called { static void run() { } }", "Caller": caller})
    jar = _jar(work, {"Called": "public class Called { }"}, kept=("Caller",))
    return Made(SESSION + "spark._jvm.Caller.run()\n", (*SMALL, "--driver-class-path", str(jar)))


def _jar(
    work: Path,
    sources: dict[str, str],
    flags: tuple[str, ...] = ("--release", "17"),
    kept: tuple[str, ...] = (),
) -> Path:
    """Compile classes into ``plugin.jar``; ``kept`` are those of an earlier call."""
    for name, text in sources.items():
        (work / f"{name}.java").write_text(text)
    javac = Path(os.environ["NEWER_JAVA_HOME"]) / "bin" / "javac"
    subprocess.run([javac, *flags, "-d", work, *(work / f"{name}.java" for name in sources)], check=True)
    with zipfile.ZipFile(work / "plugin.jar", "w") as jar:
        for name in (*sources, *kept):
            jar.write(work / f"{name}.class", f"{name}.class")
    return work / "plugin.jar"


@submitted
def java_too_new(_: Path) -> Made:
    return Made(SESSION, environ={"JAVA_HOME": os.environ["NEWER_JAVA_HOME"]})


@submitted
def java_not_found(work: Path) -> Made:
    tools = work / "bin"
    tools.mkdir()
    for tool in ("bash", "dirname", "basename", "python3", "rm"):
        (tools / tool).symlink_to(shutil.which(tool) or "/bin/false")
    return Made(SESSION, environ={"JAVA_HOME": None, "PATH": str(tools)})


@submitted
def java_home_wrong(_: Path) -> Made:
    return Made(SESSION, environ={"JAVA_HOME": "/opt/java"})


@submitted
def script_syntax(_: Path) -> Made:
    return Made("def main(:\n    pass\n")


@submitted
def script_exit(_: Path) -> Made:
    return Made("import sys\nprint('3 of 17 partitions are missing')\nsys.exit(3)\n")


@submitted
def script_module_missing(_: Path) -> Made:
    return Made("import usaddress\n")


@submitted
def script_missing(work: Path) -> Made:
    return Made("", environ={"FAILING_SCRIPT": str(work / "no_such_script.py")})


@submitted
def wrong_secret(_: Path) -> Made:
    flags = (*SMALL, *_conf("authenticate=true", "authenticate.secret=wrong"))
    return Made(SESSION, flags, master=os.environ["SECURE_MASTER"])


def _cluster() -> str:
    return "local-cluster[1,1,700]"


def _conf(*pairs: str) -> list[str]:
    return [part for pair in pairs for part in ("--conf", f"spark.{pair}")]


def run(made: Made, work: Path, environ: dict[str, str]) -> tuple[int, str]:
    """Run it; answers the exit code and both streams, in the order in which they were written."""
    script = work / "script.py"
    script.write_text(made.script)
    for key, value in made.environ.items():
        environ = {name: text for name, text in environ.items() if name != key}
        if value is not None:
            environ[key] = value
    application = environ.pop("FAILING_SCRIPT", str(script))
    command = ["/bin/bash", f"{environ['SPARK_HOME']}/bin/spark-submit", "--master", made.master, *made.flags]
    command += [
        "--conf",
        "spark.ui.enabled=false",
        "--conf",
        "spark.ui.showConsoleProgress=false",
        application,
    ]
    done: Any = subprocess.run(
        command, cwd=work, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace", timeout=TIMEOUT_S, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout
