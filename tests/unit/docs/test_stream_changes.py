"""What may change between two starts of a stream: each row of the page is held by the fingerprint."""

from __future__ import annotations

import re

import pytest

from sparkjobs import catalogue, params
from sparkjobs.errors import UsageError
from sparkjobs.streaming import fingerprint
from tests.unit.docs.pages import ROOT, rows, text_of

PAGE = ROOT / "docs" / "streams-operations.md"
TABLE = ("what", "may change", "what follows")
ROWS = rows(text_of(PAGE), TABLE)
STREAMS = [name for name in catalogue.BUILT_IN if name.endswith("_stream")]
BASE = {
    "wordcount_stream": ("--input", "/in", "--output", "/out"),
    "sum_by_key_stream": ("--input", "/in", "--output", "/out", "--key-column", "k", "--value-column", "v"),
    "analytics_stream": ("--input", "/in", "--output", "/out"),
    "behaviour_stream": ("--input", "/in", "--output", "/out", "--map", "user=u", "--map", "time=t"),
}
# Another value than the default, by flag; a flag without one takes none.
OTHER = {
    "--input": "/other", "--output": "/other", "--checkpoint": "/other", "--trigger": "5 seconds",
    "--stop-timeout": "5", "--until-idle": "5", "--max-batches": "5", "--max-seconds": "5",
    "--metrics-port": "9090", "--result": "/r.json", "--max-files-per-batch": "5", "--max-bad-rows": "5",
    "--bad-files": "quarantine", "--skip-file": "/in/x", "--extra-columns": "ignore", "--quarantine": "/q",
    "--strategy": "native", "--format": "jsonl", "--delimiter": ";", "--null": "NA",
    "--timezone": "Europe/Paris", "--timestamp-format": "yyyy", "--timestamp-unit": "ms", "--late": "/late",
    "--compact-every": "5", "--archive": "/archive", "--start": "latest", "--data-loss": "ignore",
    "--changes": "skip", "--max-rows-per-batch": "5", "--kafka-option": "fetch.min.bytes=1",
    "--kafka-secret": "sasl.jaas.config=env:B",
    "--max-latency": "30 seconds", "--columns": "a,b", "--watermark": "10 minutes", "--max-ahead": "2 hours",
    "--time-column": "t",
}  # fmt: skip


def flags(may: str) -> list[str]:
    return [flag for what, answer, _ in ROWS if answer == may for flag in re.findall(r"--[a-z][\w-]+", what)]


def made(name: str, *more: str) -> dict:
    given = params.parse(catalogue.get(name).params, [*BASE[name], *more])
    return fingerprint.make(
        job=name, checkpoint=given.checkpoint or "/out_checkpoint", output=given.output,
        params=params.canonical(given), state=catalogue.get(name).state,
    )  # fmt: skip


def differences(name: str, flag: str) -> str:
    more = (flag, OTHER[flag]) if flag in OTHER else (flag,)
    try:
        fingerprint.refuse_other("/c", fingerprint.to_text(made(name)), made(name, *more))
    except UsageError as refused:
        return refused.message
    return ""


def streams_with(flag: str) -> list[str]:
    return [name for name in STREAMS if flag in known(name)]


def known(name: str) -> dict[str, str]:
    return {flag.flag: flag.group for flag in params.describe(catalogue.get(name).params)}


@pytest.mark.parametrize("flag", flags("yes"))
def test_what_may_change_is_not_refused(flag):
    assert streams_with(flag)
    for name in streams_with(flag):
        assert differences(name, flag) == ""


@pytest.mark.parametrize("flag", flags("no"))
def test_what_may_not_change_is_refused_by_name(flag):
    assert streams_with(flag)
    for name in streams_with(flag):
        assert flag.removeprefix("--") in differences(name, flag)


@pytest.mark.parametrize("name", STREAMS)
def test_every_flag_that_is_not_the_job_s_own_has_a_row(name):
    told = {*flags("yes"), *flags("no")}
    shared = [flag for flag, group in known(name).items() if group not in ("job", "refused")]
    own = {"--input", "--output"}
    assert [flag for flag in shared if flag not in told | own] == []
