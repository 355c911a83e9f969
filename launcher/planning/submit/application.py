"""What spark-submit is given after its options: the Python file and its arguments."""

from __future__ import annotations

from pathlib import Path

from launcher.spec.application import Application

# Runs a job of the catalogue; ``sparkjob package`` copies it to dist/ beside the zip of the package.
MAIN_FILE = Path(__file__).parents[2] / "host" / "packaging" / "sparkjobs_main.py"


def main_file(application: Application) -> str:
    """The script itself, or the file that runs our jobs."""
    return application.path or str(MAIN_FILE)


def script_path(application: Application, start: Path) -> str | None:
    """The script from wherever it is named; ``None`` for our jobs, whose name is enough."""
    if application.kind == "job" or application.path is None:
        return None
    return application.path if "://" in application.path else str((start / application.path).resolve())


def main_arguments(application: Application) -> list[str]:
    """The arguments; for our jobs the job's name comes first."""
    first = [application.name] if application.kind == "job" else []
    return [*first, *application.arguments]
