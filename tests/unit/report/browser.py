"""Headless Chromium for tests of the page."""

from __future__ import annotations

import shutil
import struct
import subprocess
import zlib
from dataclasses import dataclass
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
TIMEOUT_S = 60
FOUND = next((path for name in NAMES if (path := shutil.which(name))), None)
needs_chromium = pytest.mark.skipif(FOUND is None, reason="no Chromium here: apt-get install chromium")


@dataclass(frozen=True)
class Shown:
    """What the browser made of a page.

    Attributes:
        dom: the page after its scripts.
        console: what stands on the console.
    """

    dom: str
    console: list[str]


def show(page: Path, folder: Path) -> Shown:
    """Open a page, let its scripts run."""
    done = _chromium(folder, "--dump-dom", "--virtual-time-budget=2000", page.as_uri())
    return Shown(done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line])


def screenshot(page: Path, folder: Path, name: str, width: int, *more: str) -> Path:
    """A picture of a page."""
    path = folder / f"{name}.png"
    _chromium(folder, f"--screenshot={path}", f"--window-size={width},2400", *more, page.as_uri())
    return path


def _chromium(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    assert FOUND is not None
    return subprocess.run(
        [FOUND, "--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
         f"--user-data-dir={folder / 'profile'}", "--hide-scrollbars", *arguments],
        capture_output=True, text=True, timeout=TIMEOUT_S, check=True,
    )  # fmt: skip


def picture(path: Path) -> tuple[int, int, tuple[int, int, int]]:
    """Width, height and the colour of the corner; of a PNG without interlacing."""
    data = path.read_bytes()
    width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
    assert depth == 8
    assert kind in (2, 6)
    packed, at = b"", 8
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        if data[at + 4 : at + 8] == b"IDAT":
            packed += data[at + 8 : at + 8 + size]
        at += 12 + size
    plain = zlib.decompress(packed)
    # The first pixel of the first row stands as it is under every filter.
    return width, height, (plain[1], plain[2], plain[3])
