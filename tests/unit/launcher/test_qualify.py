"""The verdict, the cache of answers and the call of spark-submit."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.planning.submit.command import argv
from launcher.qualify.compiles import unreadable
from launcher.qualify.explain_plan import Operator, share
from launcher.qualify.kept_answers import cached, folder, keep, key, load, versions
from launcher.qualify.launch import Explaining, submission
from launcher.qualify.suitability import SUITS_FROM, judge, weighed_share
from launcher.spec.application import UNKNOWN_INPUT, Application
from sparkjobs.qualify.answer import Answer, SeenPlan

GPU = "*Exec <FilterExec> will run on GPU\n"
UDF = "! <BatchEvalPythonExec> cannot run on GPU because GPU does not currently support it\n"
PANDAS = "*Exec <ArrowEvalPythonExec> will partially run on GPU\n"
TEXT = "!Exec <FileSourceScanExec> cannot run on GPU because unsupported file format: a.b.c.TextFileFormat\n"


def stacked(*lines: str) -> str:
    return "".join("  " * depth + line for depth, line in enumerate(lines))


def answered(*reports: str, outcome: str = "finished") -> Answer:
    plans = tuple(SeenPlan("count()", f"job.py:{line}", (text,)) for line, text in enumerate(reports, 1))
    return Answer(outcome, plans)  # type: ignore[arg-type]


def test_plans_on_the_gpu_suit_it() -> None:
    found = judge(answered(stacked(GPU, GPU), GPU)).qualification
    assert found is not None
    assert (found.share, found.suits) == (1.0, True)
    assert found.reason == "3 of 3 operators (100%) would run on the GPU; a GPU suits from 75%"


def test_the_counts_of_plans_add_up_to_the_verdicts() -> None:
    removed = "#Exec <ProjectExec> could run on GPU but is going to be removed because replacing sort\n"
    report = judge(answered(stacked(GPU, removed, GPU), stacked(GPU, TEXT)))
    assert report.qualification is not None
    assert report.qualification.reason.startswith("3 of 4 operators (75%)")
    assert [plan.operators for plan in report.plans] == [2, 2]
    assert sum(row.count for row in report.on_cpu) == 1


def test_what_no_plan_shows_counts_for_the_cpu() -> None:
    outside = SeenPlan("approxQuantile()", "job.py:9", (GPU,), "it computes outside of SQL plans")
    report = judge(Answer("finished", (outside,)))
    assert report.qualification is not None
    assert (report.qualification.share, report.qualification.suits) == (0.5, False)
    assert report.plans[0].share == 0.5
    assert (report.on_cpu[0].operator, report.on_cpu[0].plans) == ("approxQuantile()", ("job.py:9",))


@pytest.mark.parametrize(
    "text", ["", "#Exec <ProjectExec> could run on GPU but is going to be removed because replacing sort\n"]
)
def test_an_action_whose_plan_tells_nothing_is_no_hundred_percent(text: str) -> None:
    report = judge(answered(GPU, text))
    assert report.plans[1].share is None
    assert report.qualification is not None
    assert "as far as the plans were seen" in report.qualification.reason
    assert judge(answered(text)).qualification is None


@pytest.mark.parametrize(
    ("script", "reason", "place"),
    [
        (b"import x\nprint('a'\n", "SyntaxError: '(' was never closed", "job.py:2"),
        (b"return 1\n", "SyntaxError: 'return' outside function", "job.py:1"),
        (b"x = '\xe9'\n", "SyntaxError: (unicode error)", "job.py:1"),
        (b"x = 1\0\n", "source code string cannot contain null bytes", "job.py"),
        (b"(" * 10_000, "", "job.py"),
    ],
)
def test_a_script_that_is_no_python_is_found_without_spark(script, reason, place, tmp_path: Path) -> None:
    (tmp_path / "job.py").write_bytes(script)
    app = Application("job", "script", str(tmp_path / "job.py"), (), UNKNOWN_INPUT, writes_delta=False)
    answer = unreadable(app)
    assert answer is not None
    assert (answer.outcome, answer.place.partition(":")[0]) == ("failed", "job.py")
    assert reason in answer.reason
    assert answer.place.startswith(place)


@pytest.mark.parametrize(
    "script", [b"", b"# coding: latin-1\nx = '\xe9'\n", b"x = '\\d'\n", b"\xef\xbb\xbfx = 1\n"]
)
def test_every_script_that_python_takes_goes_on(script: bytes, tmp_path: Path) -> None:
    (tmp_path / "job.py").write_bytes(script)
    app = Application("job", "script", str(tmp_path / "job.py"), (), UNKNOWN_INPUT, writes_delta=False)
    assert unreadable(app) is None


def test_a_plain_python_function_weighs_more_than_one_operator() -> None:
    found = judge(answered(stacked(GPU, GPU, GPU, GPU, UDF))).qualification
    assert found is not None
    assert found.share == 0.8
    assert not found.suits
    assert "with the weight of Python functions 50%" in found.reason


def test_a_function_that_the_gpu_feeds_weighs_less() -> None:
    many = judge(answered(stacked(*[GPU] * 6, PANDAS))).qualification
    few = judge(answered(stacked(GPU, PANDAS))).qualification
    assert many is not None
    assert few is not None
    assert (many.suits, few.suits) == (True, False)
    assert many.share == few.share == 1.0


def test_what_stays_on_the_cpu_is_counted_with_its_places_and_told_what_to_do() -> None:
    report = judge(answered(stacked(GPU, TEXT), TEXT, UDF))
    scans, udf = report.on_cpu
    assert (scans.operator, scans.count, scans.plans) == ("FileSourceScanExec", 2, ("job.py:1", "job.py:2"))
    assert scans.reason == "unsupported file format: TextFileFormat"
    assert udf.count == 1
    assert [hint.split()[0] for hint in report.hints] == ["a", "text"]


def test_a_verdict_on_part_of_the_plans_says_so() -> None:
    found = judge(answered(GPU, outcome="stopped")).qualification
    assert found is not None
    assert "as far as the plans were seen" in found.reason


def test_without_plans_there_is_no_verdict() -> None:
    assert judge(Answer("finished")).qualification is None
    assert judge(answered("")).plans[0].share is None


operators = st.lists(
    st.builds(
        Operator,
        st.sampled_from(["FilterExec", "BatchEvalPythonExec", "MapInArrowExec"]),
        st.sampled_from([True, False, None]),
    )
)


@given(operators)
def test_python_never_makes_the_share_greater(found: list[Operator]) -> None:
    plain, weighed = share(found), weighed_share(found)
    assert (plain is None) == (weighed is None)
    if plain is not None and weighed is not None:
        assert 0 <= weighed <= plain <= 1


@given(operators)
def test_another_operator_on_the_cpu_never_helps(found: list[Operator]) -> None:
    before, after = weighed_share(found), weighed_share([*found, Operator("FilterExec", False)])
    assert before is None or (after is not None and after <= before)


def test_the_bound_is_the_one_that_the_reason_names() -> None:
    exactly = judge(answered(stacked(GPU, GPU, GPU, TEXT))).qualification
    assert exactly is not None
    assert (exactly.share, exactly.suits) == (SUITS_FROM, True)


@pytest.fixture
def script(tmp_path: Path) -> Application:
    path = tmp_path / "job.py"
    path.write_text("spark.range(3).count()\n")
    return Application("job", "script", str(path), ("a", "b"), UNKNOWN_INPUT, writes_delta=False)


SPARK = "4.0.4"


def environment(tmp_path: Path) -> dict[str, str]:
    return {"XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}


def test_an_answer_is_found_again_until_something_changes(script: Application, tmp_path: Path) -> None:
    from dataclasses import replace

    environ = environment(tmp_path)
    assert cached(script, environ, SPARK, tmp_path) is None
    keep(folder(environ), key(script, versions(environ, SPARK, tmp_path)), answered(GPU))
    found = cached(script, environ, SPARK, tmp_path)
    assert found is not None
    assert found.suits
    assert folder(environ) == tmp_path / "sparkjobs" / "qualify"
    assert cached(script, environ, "4.0.3", tmp_path) is None
    assert cached(replace(script, arguments=("a",)), environ, SPARK, tmp_path) is None
    assert cached(replace(script, arguments=("a b",)), environ, SPARK, tmp_path) is None
    Path(str(script.path)).write_text("spark.range(4).count()\n")
    assert cached(script, environ, SPARK, tmp_path) is None


def test_a_script_that_is_gone_has_no_answer(script: Application, tmp_path: Path) -> None:
    Path(str(script.path)).unlink()
    assert cached(script, environment(tmp_path), SPARK, tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"outcome": "well"}'])
def test_a_broken_answer_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "name.json").write_bytes(content)
    assert load(tmp_path, "name") is None


def test_an_answer_is_kept_whole(tmp_path: Path) -> None:
    answer = Answer("stopped", (SeenPlan("a", "b:1", (GPU, "")),), "why", "b:2", "do", ("n",))
    keep(tmp_path / "new", "name", answer)
    assert load(tmp_path / "new", "name") == answer
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["name.json"]


def test_the_call_keeps_all_traces_in_the_scratch_folder(script: Application, tmp_path: Path) -> None:
    requested = Explaining(script, Path("/spark"), (Path("/slim.jar"),), tmp_path, Path("/log4j2.properties"))
    call = argv(submission(requested))
    assert call[:3] == ["/spark/bin/spark-submit", "--master", "local[1]"]
    for conf in (
        "spark.eventLog.enabled=false",
        "spark.plugins=",
        "spark.sql.adaptive.enabled=false",
        f"spark.local.dir={tmp_path}",
        f"spark.sql.warehouse.dir={tmp_path}/warehouse",
    ):
        assert conf in call
    tail = call[call.index(str(requested.answer)) - 1 :]
    assert tail[0].endswith("sparkjobs/qualify/main.py")
    assert tail[2:] == [str(tmp_path), "script", script.path, "a", "b"]
