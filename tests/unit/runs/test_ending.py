"""The end of a run is told, whatever goes wrong while it is looked for."""

from __future__ import annotations

from launcher.runs import stopping


def test_a_fault_while_clearing_up_confirms_nothing_and_ends_the_run(monkeypatch, capsys):
    def fault(*_):
        raise RuntimeError("no such answer")

    monkeypatch.setattr(stopping, "clear", fault)
    assert stopping.cleared(None, None, stopped=False) is False
    assert "no such answer" in capsys.readouterr().err
