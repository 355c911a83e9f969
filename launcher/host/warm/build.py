"""Make the archive: run a small job once, and have the JVM write down the classes it used."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from launcher.spec.local_settings import quoted
from sparkjobs.errors import SparkjobsError

JOB = "sum_by_key"
TIMEOUT_S = 600
# For the file that the JVM is to write, and the job's flags: the spark-submit argument list.
Argv = Callable[[Path, Sequence[str]], Sequence[str]]


def dump_options(target: Path) -> list[str]:
    """JVM options that write the archive when the JVM ends."""
    # The JVM logs warnings of the dump to stdout by default, where a job's result stands.
    return [quoted(f"-XX:ArchiveClassesAtExit={target}"), "-Xlog:disable", "-Xlog:all=error:stderr"]


def build(target: Path, argv: Argv, environ: Mapping[str, str]) -> int:
    """Run the job and put the archive at ``target`` in one step; answers its size in bytes.

    Args:
        target: where it shall stand.
        argv: makes the spark-submit argument list.
        environ: the environment of the run.

    Raises:
        SparkjobsError: the job failed, or the JVM wrote no archive.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".warm-", dir=target.parent) as name:
        folder = Path(name)
        data = folder / "in.csv"
        data.write_text("id,value\na,1\nb,2.5\na,3\n", encoding="utf-8")
        archive = folder / "archive.jsa"
        flags = ["--input", str(data), "--output", str(folder / "out")]
        _run(argv(archive, flags), environ)
        if not archive.is_file():
            raise SparkjobsError(
                "this Java wrote no class-data archive", "OpenJDK 17 and 21 can; see java -version."
            )
        archive.replace(target)
    return target.stat().st_size


def _run(command: Sequence[str], environ: Mapping[str, str]) -> None:
    done = subprocess.run(
        list(command), env=dict(environ), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=TIMEOUT_S, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-5:])
        raise SparkjobsError(f"the run that makes the archive failed (exit {done.returncode}):\n{tail}")
