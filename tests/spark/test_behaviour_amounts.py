"""behaviour adds up amounts of any digits: in a short type where all fit it, else in the long one."""

from __future__ import annotations

import json
from decimal import Context, Decimal

import pytest

from sparkjobs.transforms import events as events_module
from tests.spark.conftest import rows_of

EXACT = Context(prec=60)
SHORT = Decimal("9999999999999999.99")  # 18 digits at two decimals
NEXT = Decimal("10000000000000000.00")


def amounts_written(path, amounts):
    texts = [None if amount is None else format(amount, "f") for amount in amounts]
    rows = [("u", f"2026-01-01T00:00:{n:02}Z", "buy", "i", text) for n, text in enumerate(texts)]
    if path.suffix == ".csv":
        lines = [
            "user,time,kind,item,amount",
            *(",".join(map(str, (*row[:4], row[4] or ""))) for row in rows),
        ]
    else:
        names = ("user", "time", "kind", "item", "amount")
        values = [[*map(json.dumps, row[:4]), row[4] or "null"] for row in rows]
        pairs = [[f'"{n}": {v}' for n, v in zip(names, row, strict=True)] for row in values]
        lines = ["{" + ", ".join(row) + "}" for row in pairs]
    path.write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize(
    ("kind", "amounts", "short"),
    [
        ("csv", [SHORT, SHORT, -SHORT, Decimal("0.01"), None], True),
        ("jsonl", [-SHORT] * 40, True),
        ("csv", [-NEXT, Decimal("-0.01")], False),
        ("jsonl", [Decimal(9 * 10**35), Decimal("0.01")], False),
    ],
)
def test_amounts_of_any_digits(run_job, tmp_path, monkeypatch, kind, amounts, short):
    chosen = []
    to_events = events_module.to_events

    def spied(rows, mapping, scale, more=(), *, short=False):
        events = to_events(rows, mapping, scale, more, short=short)
        chosen.append(dict(events.dtypes)["amount"])
        return events

    monkeypatch.setattr(events_module, "to_events", spied)
    path = tmp_path / f"in.{kind}"
    amounts_written(path, amounts)
    flags = ["--format", kind, "--scale", "2", "--output", tmp_path / "out"]
    ran = run_job("behaviour", "--input", path, *flags)
    assert ran.code == 0, ran.result.error
    assert chosen[-1] == ("decimal(18,2)" if short else "decimal(38,2)")
    total = Decimal(0)
    for amount in amounts:
        total = EXACT.add(total, amount or 0)
    (session,) = rows_of(tmp_path / "out" / "sessions")
    (user,) = rows_of(tmp_path / "out" / "rfm")
    items = rows_of(tmp_path / "out" / "top_items")
    assert {session["amount"], user["monetary"], *(row["amount"] for row in items)} == {total}


def test_an_amount_is_long_after_it_was_rounded(run_job, tmp_path):
    (tmp_path / "in.csv").write_text("user,time,a\nu,2026-01-01T00:00:00Z,9999999999999999.995\n")
    flags = ["--types", "a:decimal(30,3)", "--map", "amount=a", "--map", "kind='buy'", "--map", "item='i'"]
    ran = run_job(
        "behaviour", "--input", tmp_path / "in.csv", "--output", tmp_path / "out", "--scale", "2", *flags
    )
    assert ran.code == 0, ran.result.error
    (session,) = rows_of(tmp_path / "out" / "sessions")
    assert session["amount"] == NEXT
