"""No test here waits: servers on this machine answer at once."""

from __future__ import annotations

import pytest

import launcher.managers.http
import launcher.managers.kubeapi
import launcher.managers.kubernetes
import launcher.managers.standalone
import launcher.managers.yarn


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (launcher.managers.http, launcher.managers.kubeapi):
        monkeypatch.setattr(module, "PAUSE_S", 0.0)
    for module in (launcher.managers.kubernetes, launcher.managers.standalone, launcher.managers.yarn):
        monkeypatch.setattr(module, "LOOK_EVERY_S", 0.0)
