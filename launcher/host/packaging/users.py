"""Users' modules for the zip: their files, and the jobs that they hold."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from launcher.host.packaging.zipped import module_files
from sparkjobs.errors import UsageError
from sparkjobs.job import Job


@dataclass(frozen=True)
class UserModule:
    """One ``--module``.

    Attributes:
        files: its files by their names in the zip.
        jobs: its jobs as ``module:ATTRIBUTE``.
    """

    files: dict[str, bytes]
    jobs: tuple[str, ...]


def collect(name: str, folder: Path) -> UserModule:
    """Read a module or package.

    Args:
        name: dotted name, importable from ``folder`` or installed.
        folder: where the user stands.

    Raises:
        UsageError: there is no such module, it has no source file, or it cannot be imported.
    """
    with _importable_from(folder):
        files = module_files(name, _origin(name))
        modules = list(_with_submodules(_imported(name)))
    return UserModule({**_parents(name), **files}, tuple(_jobs(modules)))


def _origin(name: str) -> Path:
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError) as error:
        raise UsageError(
            f"--module {name}: {error}", "Give a dotted name, such as mypackage.jobs."
        ) from error
    if spec is None:
        raise UsageError(
            f"--module {name}: no such module", "It must be installed, or lie below the working folder."
        )
    if not spec.origin or not spec.origin.endswith(".py"):
        raise UsageError(f"--module {name} has no Python source to pack", "Name a module or a package.")
    return Path(spec.origin)


def _parents(name: str) -> dict[str, bytes]:
    # Empty ones: the parent package is wanted only as the way to its part.
    parts = name.split(".")[:-1]
    return {"/".join([*parts[: at + 1], "__init__.py"]): b"" for at in range(len(parts))}


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise UsageError(f"--module {name} cannot be imported: {type(error).__name__}: {error}") from error


def _with_submodules(module: ModuleType) -> Iterator[ModuleType]:
    yield module
    for info in pkgutil.walk_packages(getattr(module, "__path__", []), f"{module.__name__}."):
        if not info.name.endswith("__main__"):
            yield _imported(info.name)


def _jobs(modules: list[ModuleType]) -> Iterator[str]:
    seen: set[int] = set()
    # Deepest first: a job belongs to the module that makes it, not to the package that passes it on.
    for module in sorted(modules, key=lambda module: -module.__name__.count(".")):
        for attribute, value in vars(module).items():
            if isinstance(value, Job) and id(value) not in seen:
                seen.add(id(value))
                yield f"{module.__name__}:{attribute}"


@contextmanager
def _importable_from(folder: Path) -> Iterator[None]:
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
