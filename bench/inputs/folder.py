"""Where data is kept, and how it gets there whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(os.environ.get("SPARKJOBS_BENCH_DATA") or Path(__file__).parents[1] / "data")


def kept(name: str, make: Callable[[Path], None]) -> Path:
    """The file or folder of this name; made under another name first."""
    path = FOLDER / name
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.stem}.part{path.suffix}")
        _remove(partial)
        make(partial)
        partial.rename(path)
    return path


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
