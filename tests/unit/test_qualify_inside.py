"""The part inside Spark without Spark: unknown results, what is out of bounds, where the application is."""

from __future__ import annotations

import contextlib
import json
import operator
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sparkjobs.qualify.answer import Answer, SeenPlan
from sparkjobs.qualify.frames import is_library, is_python, shown
from sparkjobs.qualify.main import watched
from sparkjobs.qualify.outside import Outside, doors
from sparkjobs.qualify.recorder import Halted, Recorder
from sparkjobs.qualify.unknown import SHOWN, Unknown


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def unknown(recorder: Recorder) -> Unknown:
    return Unknown(recorder, "count() at job.py:3")


CARRIED: list[Callable[[Any], Any]] = [
    lambda x: x + 1, lambda x: 1 + x, lambda x: x * 2.5, lambda x: 1 / x, lambda x: -x, lambda x: abs(x),
    lambda x: round(x, 2), lambda x: x["a"], lambda x: x.b, lambda x: x.b(1, c=2), lambda x: sum([x, x]),
]  # fmt: skip
STEERING: list[Callable[[Any], Any]] = [
    bool, len, int, float, hash, iter, list, lambda x: x == 1, lambda x: x != 1, lambda x: x > 1,
    lambda x: 1 in x, lambda x: {x: 1}, lambda x: range(x), lambda x: [1, 2][x], lambda x: x._jdf,
    lambda x: operator.index(x), lambda x: max(x, 1), lambda x: not x, lambda x: x.b > 1,
]  # fmt: skip


@pytest.mark.parametrize("use", CARRIED)
def test_a_result_can_be_carried_around(unknown: Unknown, use: Callable[[Any], Any]) -> None:
    assert isinstance(use(unknown), Unknown)


@pytest.mark.parametrize("use", STEERING)
def test_what_depends_on_a_result_stops(
    recorder: Recorder, unknown: Unknown, use: Callable[[Any], Any]
) -> None:
    with pytest.raises(Halted):
        use(unknown)
    answer = recorder.answer()
    assert answer.outcome == "stopped"
    assert "count() at job.py:3" in answer.reason
    assert answer.place.startswith("tests/unit/test_qualify_inside.py:")


def test_a_result_prints_as_not_computed(unknown: Unknown) -> None:
    assert f"{unknown} {unknown:,.2f} {unknown!r}" == f"{SHOWN} {SHOWN} {SHOWN}"
    assert "%s" % unknown == SHOWN  # noqa: UP031 - scripts do it


def test_a_row_can_be_taken_apart(recorder: Recorder) -> None:
    cells = (Unknown(recorder, "first()"), Unknown(recorder, "first()"))
    one, two = Unknown(recorder, "first()", cells)
    assert (one, two) is not cells
    assert isinstance(one, Unknown)
    assert isinstance(two, Unknown)


def test_an_application_that_catches_the_stop_is_stopped_again(recorder: Recorder, unknown: Unknown) -> None:
    def stubborn() -> None:
        with contextlib.suppress(BaseException):
            bool(unknown)
        recorder.go_on()
        raise AssertionError("it went on")

    watched(stubborn, recorder)
    assert recorder.answer().outcome == "stopped"


@pytest.mark.parametrize(
    ("error", "outcome", "reason"),
    [
        (SystemExit(0), "finished", ""),
        (SystemExit(None), "finished", ""),
        (SystemExit(3), "failed", "it ended with sys.exit(3)"),
        (KeyError("x"), "failed", "KeyError: 'x'"),
        (ValueError(f"cannot read {SHOWN}"), "stopped", "it uses the result of a query, and no query is run"),
    ],
)
def test_how_an_application_ends(recorder: Recorder, error: BaseException, outcome: str, reason: str) -> None:
    def application() -> None:
        raise error

    watched(application, recorder)
    answer = recorder.answer()
    assert (answer.outcome, answer.reason) == (outcome, reason)
    assert bool(answer.place) == (outcome != "finished")


def test_the_first_reason_stands(recorder: Recorder) -> None:
    recorder.end("refused", "one")
    recorder.end("failed", "two")
    assert recorder.answer().reason == "one"


def test_an_answer_is_one_json_document(recorder: Recorder) -> None:
    recorder.see("count()", ["*Exec <AExec> will run on GPU\n"])
    recorder.note("said once")
    recorder.note("said once")
    plain = json.loads(recorder.answer().to_json())
    assert plain["outcome"] == "finished"
    assert plain["notes"] == ["said once"]
    assert SeenPlan(**{**plain["plans"][0], "reports": ()}).what == "count()"
    assert set(plain) == set(Answer.__dataclass_fields__)


DOORS = {
    "spark._jvm.java.lang.System.exit(1)": [1],
    "x = 1\ndef f(df):\n    return df._jdf.count()": [3],
    "spark.sparkContext._jsc.hadoopConfiguration().set('fs.s3a.access.key', 'x')": [],
    "spark.sparkContext._jsc.stop()": [1],
    "df.count()\nrows = [r for r in df.collect()]": [],
    "class A:\n    def g(self):\n        return lambda d: d._jwrite": [3],
}


@pytest.mark.parametrize(("source", "found"), DOORS.items())
def test_doors_into_the_jvm_are_found_in_code(source: str, found: list[int]) -> None:
    assert [line for line, _ in doors(compile(source, "job.py", "exec"))] == found


def test_whose_code_it_is() -> None:
    import sparkjobs.batch.wordcount
    import sparkjobs.qualify.main

    assert is_library(json.__file__)
    assert is_library(pytest.__file__)
    assert is_library(sparkjobs.qualify.main.__file__)
    assert not is_library(sparkjobs.batch.wordcount.__file__)
    assert not is_library(__file__)
    assert is_python(json.__file__)
    assert not is_python(pytest.__file__)


def test_paths_are_shown_as_people_write_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(str(tmp_path / "a" / "job.py")) == "a/job.py"
    assert shown("/elsewhere/job.py") == "/elsewhere/job.py"


WRITE = os.O_WRONLY | os.O_CREAT
REFUSED: list[tuple[str, tuple[Any, ...]]] = [
    ("open", ("/elsewhere/x", "w", WRITE)),
    ("open", (b"/elsewhere/x", None, os.O_RDWR)),
    ("open", ("SCRATCH/../x", "a", os.O_APPEND)),
    ("os.remove", ("/elsewhere/x", -1)),
    ("os.rename", ("/elsewhere/x", "SCRATCH/x", -1, -1)),
    ("os.rename", ("SCRATCH/x", "/elsewhere/x", -1, -1)),
    ("os.mkdir", ("x", 0o777, -1)),
    ("subprocess.Popen", ("touch", ["touch", "x"], None, None)),
    ("os.system", (b"touch x",)),
    ("socket.connect", (None, ("192.0.2.1", 443))),
    ("exec", (compile("df._jdf.show()", "/elsewhere/job.py", "exec"),)),
]
HARMLESS: list[tuple[str, tuple[Any, ...]]] = [
    ("open", ("/elsewhere/x", "r", os.O_RDONLY)),
    ("open", ("SCRATCH/a/x", "w", WRITE)),
    ("open", (3, "w", WRITE)),
    ("open", (os.devnull, "w", WRITE)),
    ("os.remove", ("SCRATCH/x", -1)),
    ("socket.connect", (None, ("127.0.0.1", 25333))),
    ("socket.connect", (None, "/run/a.sock")),
    ("os.symlink", ("/elsewhere/x", "SCRATCH/x", -1)),
    ("exec", (compile("df.show()", "/elsewhere/job.py", "exec"),)),
    ("exec", (compile("df._jdf.show()", json.__file__, "exec"),)),
    ("import", ("anything",)),
]


def in_scratch(arguments: tuple[Any, ...], scratch: Path) -> tuple[Any, ...]:
    return tuple(x.replace("SCRATCH", str(scratch)) if isinstance(x, str) else x for x in arguments)


@pytest.mark.parametrize(("event", "arguments"), REFUSED)
def test_what_leaves_a_trace_is_refused(
    recorder: Recorder, tmp_path: Path, event: str, arguments: tuple[Any, ...]
) -> None:
    with pytest.raises(Halted):
        Outside(recorder, tmp_path).watch(event, in_scratch(arguments, tmp_path))
    assert recorder.answer().outcome == "refused"


@pytest.mark.parametrize(("event", "arguments"), HARMLESS)
def test_what_leaves_none_passes(
    recorder: Recorder, tmp_path: Path, event: str, arguments: tuple[Any, ...]
) -> None:
    Outside(recorder, tmp_path).watch(event, in_scratch(arguments, tmp_path))
    assert recorder.answer().outcome == "finished"


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="descriptors have no paths here")
def test_a_folder_of_the_scratch_folder_can_be_emptied(recorder: Recorder, tmp_path: Path) -> None:
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        Outside(recorder, tmp_path).watch("os.remove", ("x", descriptor))
        with pytest.raises(Halted):
            Outside(recorder, tmp_path / "other").watch("os.remove", ("x", descriptor))
    finally:
        os.close(descriptor)
