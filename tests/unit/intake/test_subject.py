"""JOB|SCRIPT.py is a script, a job file or a job; what is none of them gets the nearest name."""

from __future__ import annotations

import pytest

from launcher.intake.subject import subject
from sparkjobs.errors import UsageError
from tests.unit.intake.asking import Project


def found(project: Project, what: str):  # type: ignore[no-untyped-def]
    return subject(what, project.environ, project.folder)


def refused(project: Project, what: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        found(project, what)
    return caught.value


def test_what_ends_with_py_is_a_script_of_the_working_folder(project):
    path = project.write("etl.py", "")
    script = found(project, "etl.py")
    assert (script.name, script.script, script.job, script.job_file) == ("etl", path.resolve(), None, None)
    assert found(project, "./etl.py") == found(project, str(path)) == script


def test_a_name_of_the_catalogue_is_a_job(project):
    job = found(project, "wordcount")
    assert (job.name, job.job.name, job.script, job.job_file) == ("wordcount", "wordcount", None, None)


def test_a_job_file_says_which_job_or_script(project):
    project.write("etl.py", "")
    project.write("conf/jobs/daily.yaml", "job: wordcount\n")
    project.write("conf/jobs/nightly.yaml", "script: etl.py\n")
    assert found(project, "daily").job.name == "wordcount"
    assert found(project, "daily").name == "wordcount"
    assert (found(project, "nightly").name, found(project, "nightly").script.name) == ("nightly", "etl.py")
    assert found(project, "conf/jobs/daily.yaml") == found(project, "daily")


def test_a_job_file_goes_before_a_job_of_the_same_name(project):
    project.write("conf/jobs/wordcount.yaml", "job: sum_by_key\n")
    assert found(project, "wordcount").job.name == "sum_by_key"


def test_names_are_proposed_among_jobs_and_job_files(project):
    project.write("conf/jobs/nightly.yaml", "job: wordcount\n")
    assert refused(project, "wordcuont").hint == "Did you mean wordcount?"
    assert refused(project, "nigthly").hint == "Did you mean nightly?"
    assert "nightly" in (refused(project, "zzzz").hint or "")


def test_a_missing_script_gets_the_nearest_of_its_folder(project):
    project.write("etl.py", "")
    assert refused(project, "elt.py").message == "there is no script elt.py; did you mean etl.py"
    assert refused(project, "sub/etl.py").message == "there is no script sub/etl.py"


def test_a_missing_or_broken_job_file_is_named(project):
    assert "none.yaml" in refused(project, "none.yaml").message
    project.write("conf/jobs/bad.yaml", "jbo: wordcount\n")
    assert refused(project, "bad").message.startswith("conf/jobs/bad.yaml:1: ")
    project.write("conf/jobs/lost.yaml", "script: gone.py\n")
    assert refused(project, "lost").message == "there is no script gone.py"


def test_an_address_of_a_file_is_its_path(project):
    path = project.write("my etl.py", "")
    project.write("conf/jobs/nightly.yaml", f"script: 'file://{path}'\n")
    expected = found(project, "my etl.py")
    for address in (f"file://{path}", f"file:{path}", f"file://localhost{path}".replace(" ", "%20")):
        assert found(project, address) == expected
    assert found(project, "nightly").script == path.resolve()
    nightly = (project.folder / "conf/jobs/nightly.yaml").as_uri()
    assert found(project, nightly) == found(project, "nightly")


@pytest.mark.parametrize("address", ["file://elsewhere/a/etl.py", "file:etl.py", "file:///no/such/etl.py"])
def test_an_address_of_no_file_here_is_refused(project, address):
    project.write("etl.py", "")
    assert address in refused(project, address).message
