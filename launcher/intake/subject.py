"""What is meant by JOB|SCRIPT.py: a script, a job file, or a job of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from launcher.spec.config.discovery import local_file, names
from launcher.spec.config.faults import did_you_mean
from launcher.spec.config.read_job_file import read_job_file
from launcher.spec.job_file import JobFile
from sparkjobs import catalogue
from sparkjobs.errors import UsageError
from sparkjobs.job import Job


@dataclass(frozen=True)
class Subject:
    """What is to run: exactly one of ``job`` and ``script``; ``job_file`` says how, where there is one."""

    name: str
    job: Job | None
    script: Path | None
    job_file: JobFile | None


def subject(what: str, environ: Mapping[str, str], start: Path) -> Subject:
    """Find what is meant.

    A name that ends with ``.py`` is a script; a path to a YAML file, or the name of a file in ``conf/jobs``,
    is a job file; another name is a job of the catalogue.

    Raises:
        UsageError: there is none.
    """
    if what.endswith(".py"):
        return script(what, local_file(what, start).name, start, None)
    files = names("jobs", environ, start)
    if what.endswith((".yaml", ".yml")) or what in files:
        return _of_file(read_job_file(what, environ, start), start)
    job = catalogue.get(what, files)
    return Subject(job.name, job, None, None)


def _of_file(file: JobFile, start: Path) -> Subject:
    if file.script is not None:
        return script(file.script, file.name or file.file_name, start, file)
    job = catalogue.get(str(file.job))
    return Subject(job.name, job, None, file)


def script(path: str, name: str, start: Path, file: JobFile | None) -> Subject:
    """A script of this machine.

    Raises:
        UsageError: there is none.
    """
    found = local_file(path, start)
    if not found.is_file():
        near = did_you_mean(found.name, (other.name for other in found.parent.glob("*.py")))
        raise UsageError(
            f"there is no script {path}{near}", "Check the path; it is looked for in the working folder."
        )
    return Subject(Path(name).name.removesuffix(".py"), None, found.resolve(), file)
