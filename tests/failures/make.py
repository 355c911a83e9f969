"""Make the failures for real and record their shortened logs: ``python -m tests.failures.make [NAME ...]``.

Needs root (a small tmpfs, another user), a newer Java in NEWER_JAVA_HOME, another Python in OTHER_PYTHON and
the jars of ``sparkjob jars fetch delta s3``. One JVM at a time; all of it takes some ten minutes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from launcher.cli.support import jar_paths
from launcher.environment import running_interpreter, spark_environment
from launcher.host.java.find import required_java
from tests.failures import s3_session, worker_session
from tests.failures.in_session import GROUPS, MARK
from tests.failures.secure_master import secure_master
from tests.failures.shorten import shortened
from tests.failures.submitted import SUBMITTED, run

LOGS = Path(__file__).parent / "logs"
DELTA = (
    "--conf spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension "
    "--conf spark.sql.catalog.spark_catalog=org.apache.spark.sql.delta.catalog.DeltaCatalog "
    "--conf spark.driver.maxResultSize=1m"
)
PLAIN = (
    "--conf spark.serializer=org.apache.spark.serializer.KryoSerializer "
    "--conf spark.kryoserializer.buffer.max=1m --conf spark.stage.maxConsecutiveAttempts=1"
)
# Their failures join the groups when they are imported.
assert s3_session
assert worker_session


def main(wanted: Sequence[str]) -> None:
    """Record the wanted failures, or all of them."""
    LOGS.mkdir(exist_ok=True)
    environ = _environment()
    for group, functions in GROUPS.items():
        if not wanted or set(wanted) & set(functions):
            for name, text in _session(group, environ):
                _record(name, text, wanted)
    for name in SUBMITTED:
        if not wanted or name in wanted:
            _record(name, _submitted(name, environ), wanted)


def _environment() -> dict[str, str]:
    environ = spark_environment(os.environ, running_interpreter(), required_java(os.environ).home)
    return {name: value for name, value in environ.items() if not name.startswith("AWS_")}


def _session(group: str, environ: dict[str, str]) -> Iterator[tuple[str, str]]:
    jars = ",".join(map(str, jar_paths(os.environ, ("delta", "s3")))) if group == "delta" else ""
    flags = f"--jars {jars} {DELTA}" if jars else PLAIN
    with tempfile.TemporaryDirectory() as folder, _small_disk(Path(folder) / "small") as disk:
        local = Path(folder) / "local"
        environ = {
            **environ,
            "SMALL_DISK": str(disk),
            "SPARK_LOCAL_DIRS": str(local),
            "PYSPARK_SUBMIT_ARGS": f"--master local[2] --driver-memory 1g --conf spark.ui.enabled=false "
            f"--conf spark.ui.showConsoleProgress=false --conf spark.sql.shuffle.partitions=2 {flags} "
            "pyspark-shell",
        }
        code = "from pathlib import Path; from tests.failures import in_session, s3_session, worker_session; "
        code += f"in_session.main({group!r}, Path({folder!r}))"
        done = subprocess.run(
            [sys.executable, "-c", code], env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", check=False, timeout=900,
        )  # fmt: skip
    for part in done.stdout.split(f"\n{MARK}")[1:]:
        name, _, text = part.partition("\n")
        if name != "end" and text.strip():
            yield name, text


def _submitted(name: str, environ: dict[str, str]) -> str:
    secure = secure_master(environ) if name in ("wrong-secret", "no-resources") else nullcontext("")
    with tempfile.TemporaryDirectory() as folder, secure as master:
        os.environ["SECURE_MASTER"] = master
        code, text = run(SUBMITTED[name](Path(folder)), Path(folder), environ)
    return f"{text}\n[exit code {code}]\n"


@contextmanager
def _small_disk(path: Path) -> Iterator[Path]:
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", path], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", path], check=True)


def _record(name: str, text: str, wanted: Sequence[str]) -> None:
    if not wanted or name in wanted:
        (LOGS / f"{name}.txt").write_text(shortened(text), encoding="utf-8")
        print(name, len(text), "->", len(shortened(text)))


if __name__ == "__main__":
    main(sys.argv[1:])
