"""The catalogue: our jobs, entry points of installed packages, jobs packed into a zip."""

from __future__ import annotations

import json
import sys
import zipfile

import pytest

from sparkjobs import catalogue
from sparkjobs.errors import UsageError
from sparkjobs.job import Job

SOURCE = """
from dataclasses import dataclass
from sparkjobs.job import BatchParams, Job

@dataclass(frozen=True)
class Params(BatchParams):
    pass

JOB = Job({name!r}, "From outside.", Params, lambda context, params: [])
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Packages with entry points as pip leaves them: one sound, one broken, one with a taken name."""

    def install(module, name, source):
        (tmp_path / f"{module}.py").write_text(source)
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{catalogue.ENTRY_POINT_GROUP}]\n{name} = {module}:JOB\n")

    install("outside_sound", "sound", SOURCE.format(name="sound"))
    install("outside_broken", "broken", "raise ImportError('no such library')")
    install("outside_unreadable", "unreadable", "def (")
    install("outside_taken", "wordcount", SOURCE.format(name="wordcount"))
    monkeypatch.syspath_prepend(str(tmp_path))


def test_a_broken_package_hides_no_other_job(installed):
    problems = []
    jobs = catalogue.load(problems.append)
    assert list(jobs)[: len(catalogue.BUILT_IN)] == list(catalogue.BUILT_IN)
    assert isinstance(jobs["sound"], Job)
    assert not {"broken", "unreadable"} & set(jobs)
    assert len(problems) == 3
    told = "\n".join(problem.message for problem in problems)
    assert "no such library" in told
    assert "SyntaxError" in told
    assert "'wordcount' of outside_taken:JOB is taken" in told
    assert jobs["wordcount"] is catalogue.get("wordcount")
    assert catalogue.get("sound") is jobs["sound"]
    with pytest.raises(UsageError, match="no such library"):
        catalogue.get("broken")
    with pytest.raises(UsageError, match="SyntaxError"):
        catalogue.get("unreadable")


def test_jobs_in_a_zip(tmp_path, monkeypatch):
    with zipfile.ZipFile(tmp_path / "jobs.zip", "w") as archive:
        archive.writestr("outside_zipped.py", SOURCE.format(name="zipped"))
        archive.writestr(catalogue.PACKED_LIST, json.dumps(["outside_zipped:JOB"]))
    monkeypatch.setattr(sys, "path", [str(tmp_path / "jobs.zip"), *sys.path])
    assert catalogue.get("zipped").summary == "From outside."


def test_a_project_that_is_installed_and_on_the_path_has_its_job_once(installed, tmp_path):
    (tmp_path / catalogue.PACKED_LIST).write_text(json.dumps(["outside_sound:JOB"]))
    problems = []
    assert "sound" in catalogue.load(problems.append)
    assert [problem.message for problem in problems if "outside_sound" in problem.message] == []


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(UsageError, match="no job is called 'wordcuont'") as caught:
        catalogue.get("wordcuont")
    assert caught.value.hint == "Did you mean wordcount?"
