"""``--update-golden`` writes the expected outputs anew: pytest tests/acceptance --update-golden."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the flag."""
    parser.addoption("--update-golden", action="store_true", help="write output.txt of the acceptance cases")
