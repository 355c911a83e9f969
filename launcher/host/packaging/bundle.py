"""The zip that jobs need on a cluster: our package and the modules that hold users' jobs."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher.host.packaging.users import collect
from launcher.host.packaging.zipped import module_files, zip_bytes
from sparkjobs.errors import UsageError


@dataclass(frozen=True)
class Bundle:
    """The zip's bytes, and the users' jobs in it as ``module:ATTRIBUTE``."""

    data: bytes
    jobs: tuple[str, ...]


def bundle(modules: Sequence[str], folder: Path) -> Bundle:
    """Pack our package and users' modules; the same sources give the same bytes.

    Args:
        modules: dotted names, importable from ``folder`` or installed.
        folder: where the user stands.

    Raises:
        UsageError: a module cannot be had.
    """
    files = module_files("sparkjobs", _our_package())
    jobs: list[str] = []
    for name in modules:
        module = collect(name, folder)
        # A parent's empty __init__.py must not replace one that another module brought.
        files.update({path: data for path, data in module.files.items() if data or path not in files})
        jobs += module.jobs
    return Bundle(zip_bytes(files, jobs), tuple(sorted(jobs)))


def _our_package() -> Path:
    spec = importlib.util.find_spec("sparkjobs")
    if spec is None or spec.origin is None:
        raise UsageError("the package sparkjobs is not installed", "Run make setup.")
    return Path(spec.origin)
