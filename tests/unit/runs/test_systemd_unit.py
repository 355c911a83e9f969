"""A systemd unit for a stream: the command that would be typed, quoted as systemd reads it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from launcher.cli.root import main
from launcher.runs.systemd_unit import Unit, quoted, rendered
from sparkjobs.errors import UsageError


@pytest.fixture
def call(capfd):
    def run(*arguments):
        with pytest.raises(SystemExit) as exit_:
            main(["stream", "unit", *map(str, arguments)])
        out, err = capfd.readouterr()
        return exit_.value.code, out, err

    return run


def values(text, key):
    return [line.partition("=")[2] for line in text.splitlines() if line.startswith(f"{key}=")]


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("--output", "--output"),
        ("/lake/a b", '"/lake/a b"'),
        ("10 seconds", '"10 seconds"'),
        ("50%", '"50%%"'),
        ("$HOME", '"$$HOME"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("'", '"\'"'),
        ("", '""'),
        ("ö", '"ö"'),
        (";", '";"'),
    ],
)
def test_words_are_quoted(word, text):
    assert quoted(word, executable=True) == text


def test_a_line_s_end_has_no_place_in_a_unit():
    with pytest.raises(UsageError, match="cannot stand in a unit"):
        quoted("a\nExecStartPre=evil")


def test_a_unit_of_the_system_and_one_of_a_user():
    unit = Unit(
        "words", ("/opt/bin/sparkjob", "run", "wordcount_stream"), "/srv/my lake", "etl", 70.0, {"A": "b c"}
    )
    text = rendered(unit)
    assert values(text, "User") == ["etl"]
    assert values(text, "WorkingDirectory") == ["/srv/my lake"]
    assert values(text, "Environment") == ['"A=b c"']
    assert values(text, "TimeoutStopSec") == ["100"]
    assert values(text, "WantedBy") == ["multi-user.target"]
    own = rendered(Unit("words", ("/opt/bin/sparkjob",), "/srv", None, 70.0))
    assert (values(own, "User"), values(own, "WantedBy")) == ([], ["default.target"])


ARGUMENTS = ("--", "--input", "in", "--output", "out", "--trigger", "10 seconds", "--stop-timeout", "120")


def test_the_unit_runs_what_would_be_typed(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, text, err = call("wordcount_stream", "--target", "laptop", *ARGUMENTS)
    assert code == 0, err
    (line,) = values(text, "ExecStart")
    program = Path(sys.executable).with_name("sparkjob")
    assert line == (
        f"{program} run wordcount_stream --restart on-failure:5 --target laptop -- --input in --output out "
        '--trigger "10 seconds" --stop-timeout 120'
    )
    assert values(text, "TimeoutStopSec") == ["160"]
    assert values(text, "WorkingDirectory") == [str(tmp_path)]
    _, text, _ = call("wordcount_stream", "--restart", "on-failure:2", *ARGUMENTS)
    assert values(text, "ExecStart")[0].count("--restart") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("wordcount", "--", "--input", "in", "--output", "out"), "wordcount is no stream"),
        (("no_such_job",), "no_such_job"),
        (("wordcount_stream", "--no-wait", *ARGUMENTS), "--no-wait means nothing in a unit"),
        (("wordcount_stream", "--nothing", *ARGUMENTS), "--nothing"),
        (("wordcount_stream", *ARGUMENTS, "--nothing"), "--nothing"),
    ],
)
def test_what_a_run_would_refuse_gives_no_unit(call, arguments, said):
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert said in err


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_takes_it(call, tmp_path, monkeypatch):
    folder = tmp_path / "a folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    code, text, err = call("wordcount_stream", *ARGUMENTS, "--glob")
    assert code == 0, err
    unit = tmp_path / "words.service"
    unit.write_text(text)
    found = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(unit)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    assert [line for line in (found.stdout + found.stderr).splitlines() if "words.service" in line] == []
