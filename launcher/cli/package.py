"""``sparkjob package``: what a bare spark-submit needs, in one folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from launcher.cli import console
from launcher.cli.support import output_option
from sparkjobs.errors import UsageError
from sparkjobs.exits import EXIT_OK

ZIP_NAME = "sparkjobs.zip"
MAIN_NAME = "sparkjobs_main.py"
ENVIRONMENT_NAME = "environment.tar.gz"


@click.command(name="package")
@click.option("--dist", type=click.Path(file_okay=False, path_type=Path), default="dist", show_default=True,
              help="Folder to write into.")  # fmt: skip
@click.option("--module", "modules", metavar="M", multiple=True,
              help="Add a module or package of yours, with the jobs in it; repeat for more.")  # fmt: skip
@click.option("--env", "with_environment", is_flag=True,
              help=f"Also pack this Python environment: {ENVIRONMENT_NAME}, for --archives.")  # fmt: skip
@output_option
def command(dist: Path, modules: tuple[str, ...], with_environment: bool, output: str) -> int:
    """Build sparkjobs.zip and sparkjobs_main.py for spark-submit. The same sources give the same bytes."""
    dist.mkdir(parents=True, exist_ok=True)
    jobs = _write_zip(dist / ZIP_NAME, modules)
    _write_main(dist / MAIN_NAME)
    files = [dist / ZIP_NAME, dist / MAIN_NAME]
    if with_environment:
        from launcher.host.packaging.pythonenv import pack

        pack(dist / ENVIRONMENT_NAME)
        files.append(dist / ENVIRONMENT_NAME)
    if output == "json":
        console.document({"files": [str(path) for path in files], "jobs": jobs})
    else:
        _print(files, jobs)
    return EXIT_OK


def _write_zip(target: Path, modules: tuple[str, ...]) -> list[str]:
    from launcher.host.packaging.bundle import bundle

    for name in modules:
        if name.split(".")[0] == "sparkjobs":
            raise UsageError(f"--module {name} is in the zip already", "Name a module of your own.")
    packed = bundle(modules, Path.cwd())
    temporary = target.with_suffix(".tmp")
    temporary.write_bytes(packed.data)
    temporary.replace(target)
    return list(packed.jobs)


def _write_main(target: Path) -> None:
    from launcher.host.packaging.zipped import MAIN_FILE

    shutil.copyfile(MAIN_FILE, target)


def _print(files: list[Path], jobs: list[str]) -> None:
    for path in files:
        console.line(f"{path}  {path.stat().st_size:,} bytes")
    for target in jobs:
        console.line(f"job {target}")
    archives = f" --archives {files[2]}#environment" if len(files) > 2 else ""
    console.line(
        f"\nspark-submit --jars $(sparkjob jars path) --py-files {files[0]}{archives} {files[1]} JOB ..."
    )
