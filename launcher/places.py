"""The per-user folders, by the XDG rules, and the configuration files found in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sparkjobs.errors import UsageError

APPLICATION = "sparkjobs"
# The wheel carries it below the package, a checkout beside it.
SHIPPED = next(
    (at for at in (Path(__file__).parent / "conf", Path(__file__).parents[1] / "conf") if at.is_dir()),
    Path(__file__).parent / "conf",
)


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
        name: path below the configuration folder, such as ``jars.lock``.
        environ: the environment that tells the user's folder.
        start: absolute folder where the search begins.

    Raises:
        UsageError: no folder holds it, or NAME.yaml stands beside NAME.yml.
    """
    folders = [*_project_folder(start), places(environ).config, SHIPPED]
    for folder in folders:
        if (folder / name).is_file():
            _refuse_twins(folder / name)
            return folder / name
    raise UsageError(f"no configuration file {name}", f"Looked in: {', '.join(map(str, folders))}.")


def _project_folder(start: Path) -> list[Path]:
    nearest = next((at / "conf" for at in (start, *start.parents) if (at / "conf").is_dir()), None)
    return [nearest] if nearest else []


def _refuse_twins(found: Path) -> None:
    other = found.with_suffix({".yaml": ".yml", ".yml": ".yaml"}.get(found.suffix, found.suffix))
    if other != found and other.is_file():
        raise UsageError(f"{found} stands beside {other.name}", "Keep one of the two.")
