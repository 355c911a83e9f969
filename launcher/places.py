"""The per-user folders, by the XDG rules, and the configuration files found in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sparkjobs.errors import UsageError

APPLICATION = "sparkjobs"


def _carried(name: str) -> Path:
    """A folder that the wheel carries below the package, a checkout beside it."""
    inside, beside = Path(__file__).parent / name, Path(__file__).parents[1] / name
    return beside if beside.is_dir() and not inside.is_dir() else inside


SHIPPED = _carried("conf")
TEMPLATES = _carried("templates")


@dataclass(frozen=True)
class Places:
    """Folders of one user; none is made by asking for it.

    Attributes:
        cache: files that can be fetched or built again.
        state: records of runs.
        config: the user's own configuration.
    """

    cache: Path
    state: Path
    config: Path

    @property
    def jars(self) -> Path:
        """The jar cache."""
        return self.cache / "jars"


def places(environ: Mapping[str, str]) -> Places:
    """The folders that ``environ`` asks for (XDG_*_HOME, else below HOME)."""
    home = Path(environ.get("HOME") or Path.home())
    return Places(
        cache=_base(environ, "XDG_CACHE_HOME", home / ".cache"),
        state=_base(environ, "XDG_STATE_HOME", home / ".local" / "state"),
        config=_base(environ, "XDG_CONFIG_HOME", home / ".config"),
    )


def _base(environ: Mapping[str, str], variable: str, fallback: Path) -> Path:
    # XDG: a relative value is to be ignored.
    given = Path(environ.get(variable, ""))
    return (given if given.is_absolute() else fallback) / APPLICATION


def config_file(name: str, environ: Mapping[str, str], start: Path) -> Path:
    """Find a configuration file: nearest ``conf/`` upward of ``start``, then the user's, then the shipped.

    Args:
        name: path below the configuration folder, such as ``jars.lock``; NAME.yaml may be NAME.yml as well.
        environ: the environment that tells the user's folder.
        start: absolute folder where the search begins.

    Raises:
        UsageError: no folder holds it, or NAME.yaml stands beside NAME.yml.
    """
    folders = config_folders(environ, start)
    for folder in folders:
        found = [path for path in _spellings(folder / name) if path.is_file()]
        if len(found) > 1:
            raise UsageError(f"{found[0]} stands beside {found[1].name}", "Keep one of the two.")
        if found:
            return found[0]
    raise UsageError(f"no configuration file {name}", f"Looked in: {', '.join(map(str, folders))}.")


def config_folders(environ: Mapping[str, str], start: Path) -> list[Path]:
    """The folders in which configuration is looked for, the first that has a file wins."""
    return [*_project_folder(start), places(environ).config, SHIPPED]


def _project_folder(start: Path) -> list[Path]:
    nearest = next((at / "conf" for at in (start, *start.parents) if (at / "conf").is_dir()), None)
    return [nearest] if nearest else []


def _spellings(path: Path) -> list[Path]:
    other = {".yaml": ".yml", ".yml": ".yaml"}.get(path.suffix)
    return [path, path.with_suffix(other)] if other else [path]
