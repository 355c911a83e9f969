"""Flags come from the dataclass alone; every mistake is named with its remedy."""

from __future__ import annotations

from dataclasses import dataclass, fields

import pytest

from sparkjobs import catalogue, checks
from sparkjobs.errors import UsageError
from sparkjobs.help import job_page
from sparkjobs.job import BatchParams
from sparkjobs.params import canonical, describe, param, parse

BASE = ["--input", "in", "--output", "out"]


@dataclass(frozen=True)
class Sample(BatchParams):
    size: int = param(3, help="a size", check=checks.at_least(1))
    names: tuple[str, ...] = param((), help="names", repeatable=True)
    ratios: tuple[float, ...] = param((0.5,), help="ratios")
    from_: str | None = param(None, help="a keyword of Python")


def test_values_are_read_by_their_types():
    got = parse(Sample, [*BASE, "--size=4", "--names", "a", "--names", "b,c", "--ratios", "0.1, 1", "--glob"])
    assert (got.size, got.names, got.ratios, got.glob) == (4, ("a", "b,c"), (0.1, 1.0), True)
    assert parse(Sample, [*BASE, "--from", "x"]).from_ == "x"


@pytest.mark.parametrize(
    ("flags", "message", "hint"),
    [
        (["--sise", "4"], "unknown flag --sise", "--size"),
        (["--size", "x"], "--size takes int, not 'x'", None),
        (["--size", "0"], "--size '0': must be at least 1", None),
        (["--size"], "--size needs a value", "--size SIZE"),
        (["--size", "1", "--size", "2"], "--size was given twice", None),
        (["--mode", "upsert"], "--mode does not know 'upsert'", "merge"),
        (["stray"], "unexpected argument 'stray'", None),
        (["--max-bad-rows", "101%"], "a share cannot be above 100%", None),
        (["--timezone", "Mars/Base"], "is not a time zone name", None),
        (["--glob=maybe"], "--glob takes true or false", None),
    ],
)
def test_mistakes_are_named(flags, message, hint):
    with pytest.raises(UsageError) as caught:
        parse(Sample, BASE + flags)
    assert message in caught.value.message
    assert hint is None or hint in str(caught.value.hint)
    assert caught.value.exit_code == 2


def test_missing_required_flag():
    with pytest.raises(UsageError, match="--output is required"):
        parse(Sample, ["--input", "in"])


def test_only_what_changes_rows_is_identity():
    one = parse(Sample, [*BASE, "--force", "--result", "r.json", "--max-bad-rows", "5"])
    two = parse(Sample, ["--input", "in", "--output", "elsewhere"])
    assert canonical(one) == canonical(two)
    assert canonical(parse(Sample, [*BASE, "--timezone", "Europe/Paris"])) != canonical(two)


@pytest.mark.parametrize("name", list(catalogue.BUILT_IN))
def test_every_flag_of_every_job_is_explained(name):
    job = catalogue.get(name)
    page = job_page(job)
    infos = describe(job.params)
    assert len(infos) == len(fields(job.params))
    for info in infos:
        assert info.help
        assert info.flag in page


def test_empty_values_and_values_that_look_like_flags():
    assert parse(Sample, [*BASE, "--null=", "--timezone", "Europe/Paris"]).null == ""
    with pytest.raises(UsageError, match="--output needs a value"):
        parse(Sample, ["--input", "in", "--output", "--force"])


@pytest.mark.parametrize("value", ['"', "\n", "", "ab"])
def test_delimiters(value):
    with pytest.raises(UsageError, match="must be one character"):
        parse(Sample, [*BASE, f"--delimiter={value}"])
