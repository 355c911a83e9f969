"""No test here waits: servers on this machine answer at once."""

from __future__ import annotations

import pytest

import launcher.managers.http
import launcher.managers.standalone
import launcher.managers.yarn


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher.managers.http, "PAUSE_S", 0.0)
    monkeypatch.setattr(launcher.managers.standalone, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(launcher.managers.yarn, "LOOK_EVERY_S", 0.0)
