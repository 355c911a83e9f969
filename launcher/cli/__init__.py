"""The command line: one file a verb; the only place that prints, and ``main`` the only one that exits."""

from __future__ import annotations

from launcher.cli.root import main

__all__ = ["main"]
