"""The zip for spark-submit: the same bytes for the same files, users' jobs announced, importable."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.host.packaging.users import collect
from launcher.host.packaging.zipped import JOBS_LIST, module_files, zip_bytes
from sparkjobs.errors import UsageError

JOB_FILE = """
from dataclasses import dataclass
from sparkjobs.job import BatchParams, Job

@dataclass(frozen=True)
class Params(BatchParams):
    pass

HELLO = Job(name="hello_zip", summary="Says hello.", params=Params, run=lambda context, params: ())
"""
NAMES = st.text(st.characters(codec="ascii", categories=["L"]), min_size=1, max_size=8)


@pytest.fixture
def user_folder(tmp_path: Path) -> Path:
    package = tmp_path / "user_jobs_for_zip"
    package.mkdir()
    (package / "__init__.py").write_text("from user_jobs_for_zip.hello import HELLO\n")
    (package / "hello.py").write_text(JOB_FILE)
    (package / "words.txt").write_text("data\n")
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "hello.cpython-311.pyc").write_bytes(b"x")
    return tmp_path


@given(st.dictionaries(NAMES, st.binary(max_size=50)), st.randoms())
def test_the_same_files_give_the_same_bytes(files: dict[str, bytes], random: object) -> None:
    shuffled = list(files.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert zip_bytes(files) == zip_bytes(dict(shuffled))
    with zipfile.ZipFile(BytesIO(zip_bytes(files))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files


def test_a_users_package_brings_its_files_and_jobs(user_folder: Path) -> None:
    module = collect("user_jobs_for_zip", user_folder)
    assert sorted(module.files) == [
        f"user_jobs_for_zip/{name}" for name in ("__init__.py", "hello.py", "words.txt")
    ]
    assert module.jobs == ("user_jobs_for_zip.hello:HELLO",)


def test_one_module_brings_its_parents(user_folder: Path) -> None:
    module = collect("user_jobs_for_zip.hello", user_folder)
    assert sorted(module.files) == ["user_jobs_for_zip/__init__.py", "user_jobs_for_zip/hello.py"]


@pytest.mark.parametrize("name", ["no_such_module_at_all", "sys", "..", "no_such.part"])
def test_what_is_no_module_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--module"):
        collect(name, tmp_path)


def test_a_module_that_fails_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken_for_zip.py").write_text("1 / 0\n")
    with pytest.raises(UsageError, match="broken_for_zip cannot be imported: ZeroDivisionError"):
        collect("broken_for_zip", tmp_path)


def test_the_catalogue_finds_the_job_in_the_zip(user_folder: Path, tmp_path: Path) -> None:
    module = collect("user_jobs_for_zip", user_folder)
    import sparkjobs

    ours = module_files("sparkjobs", Path(sparkjobs.__file__))
    target = tmp_path / "all.zip"
    target.write_bytes(zip_bytes({**ours, **module.files}, module.jobs))
    with zipfile.ZipFile(target) as archive:
        assert json.loads(archive.read(JOBS_LIST)) == ["user_jobs_for_zip.hello:HELLO"]
    script = (
        "import sparkjobs; from sparkjobs.catalogue import get\n"
        "print(get('hello_zip').summary, sparkjobs.__file__)"
    )
    # -S: no installed sparkjobs; only the zip and the standard library.
    done = subprocess.run(
        [sys.executable, "-S", "-c", script],
        env={**os.environ, "PYTHONPATH": str(target)},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("Says hello. "), done.stderr
    assert str(target) in done.stdout
