"""Shorten a log and take this machine out of it."""

from __future__ import annotations

import os
import re
import socket
import sys
import tempfile
from pathlib import Path

FRAMES = 3
_LEFT_OUT = re.compile(
    r"^\d\d(?:/\d\d){2} [\d:]{8} (?:INFO |DEBUG |WARN Utils: |WARN NativeCodeLoader: )"
    r"|^WARNING: Using incubator|^\t+Suppressed: |^\t\t"
)
_FRAME = re.compile(r"^\s+at [\w.$<>/@]+\(|^\s+\.\.\. \d+ more$")


def shortened(text: str) -> str:
    """The log without INFO lines and what every start says, with the first frames of each Java stack."""
    lines: list[str] = []
    frames = 0
    for line in text.splitlines():
        frames = frames + 1 if _FRAME.match(line) else 0
        if frames <= FRAMES and not _LEFT_OUT.match(line):
            lines.append(line if len(line) < 600 else line[:600] + " ...")
    return _anonymous("\n".join(lines)) + "\n"


def _anonymous(text: str) -> str:
    root = Path(__file__).parents[2]
    spark = Path(sys.prefix)
    for path, name in (
        (spark, "/app/venv"),
        (root, "/app"),
        (Path(sys.base_prefix), "/opt/python"),
        (Path.home(), "/home/user"),
    ):
        text = text.replace(str(path), name)
    text = re.sub(rf"{tempfile.gettempdir()}/tmp\w+", "/tmp/work", text)
    text = re.sub(rf"\b{re.escape(socket.gethostname())}\b", "driver.example.com", text)
    for address in _addresses():
        text = text.replace(address, "192.0.2.10")
    text = re.sub(r"/usr/lib/jvm/[\w.-]+", "/opt/java", text)
    return re.sub(r"spark-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "spark-scratch", text)


def _addresses() -> set[str]:
    found = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None)}
    return {str(address) for address in found} - {"127.0.0.1", "::1", os.devnull}
