"""No text, whatever its letters, ends a command with a traceback, and what programs read stays right."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

REPO = Path(__file__).parents[3]
ASCII = [
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "ascii:strict"},
    {"PYTHONIOENCODING": "latin-1"},
    {"LC_ALL": "C"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"},
]
COMMANDS = [
    ["plan", "café.py"],
    ["plan", "café.py", "-q"],
    ["plan", "café.py", "--explain", "spark.master"],
    ["plan", "café.py", "--conf", "spark.app.name=日本"],
    ["plan", "café.py", "--target", "yarn-8", "-o", "json"],
    ["plan", "café.py", "--target", "yarn-8", "-o", "args"],
    ["plan", "café.py", "--target", "yarn-8", "-o", "spark-defaults"],
    ["plan", "café.py", "--target", "yarn-8", "-o", "airflow"],
    ["plan", "café.py", "--target", "kubernetes-spot", "-o", "operator"],
    ["plan", "nicht-da-é.py"],
    ["plan", "wordcount", "--", "--input", "è", "--output", "ö"],
    ["qualify", "kaputt-é.py"],
    ["qualify", "kaputt-é.py", "-o", "json"],
    ["validate", "é.yaml"],
    ["validate", "é.yaml", "-o", "json"],
    ["run", "nicht-da-é.py"],
    ["run", "é"],
    ["jobs"],
    ["jobs", "café"],
    ["runs"],
    ["logs", "é"],
    ["status", "é"],
    ["cancel", "é"],
    ["table", "show", "é"],
    ["table", "read", "é"],
    ["init", "é/ü"],
    ["package", "--module", "é"],
    ["wörter"],
    ["-C", "é", "plan", "x.py"],
]


def ran(folder: Path, words: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "PYTHON"))}
    home = {"HOME": str(folder), "XDG_STATE_HOME": str(folder / "s"), "XDG_CONFIG_HOME": str(folder / "c")}
    program = f"import sys; sys.path.insert(0, {str(REPO)!r}); from launcher.cli import main; main()"
    command = [sys.executable, "-c", program, *words]
    return subprocess.run(
        command, cwd=folder, env={**clean, **home, **environ}, capture_output=True, check=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "café.py").write_text('print("é")\n', encoding="utf-8")
    (tmp_path / "kaputt-é.py").write_text("print('é'\n", encoding="utf-8")
    (tmp_path / "é.yaml").write_text("job: wörter\nparams: {ä: ö}\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("environ", ASCII, ids=lambda environ: " ".join(environ.values()))
def test_no_command_ends_with_a_traceback(environ: dict[str, str], folder: Path) -> None:
    for words in COMMANDS[:: 1 if environ == ASCII[0] else 4]:
        done = ran(folder, words, environ)
        assert b"Traceback" not in done.stderr, (words, done.stderr.decode())
        assert done.returncode in (0, 1, 2), (words, done.stderr)


def test_programs_read_the_same_from_ascii(folder: Path) -> None:
    words = ["plan", "café.py", "--target", "yarn-8", "--conf", "spark.app.name=日本", "-o"]
    ascii_, utf8 = ASCII[0], {"PYTHONIOENCODING": "utf-8"}
    for form in ("json", "airflow"):
        found = [json.loads(ran(folder, [*words, form], environ).stdout) for environ in (ascii_, utf8)]
        assert found[0] == found[1]
        assert "日本" in json.dumps(found[0], ensure_ascii=False)
    pods = ["plan", "café.py", "--target", "kubernetes-spot", "-o", "operator"]
    manifests = [yaml.safe_load(ran(folder, pods, environ).stdout) for environ in (ascii_, utf8)]
    assert manifests[0] == manifests[1]


def test_the_result_of_a_job_is_written_whatever_stdout_holds(folder: Path) -> None:
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG", "PYTHON"))}
    command = [sys.executable, "-m", "sparkjobs", "sum_by_key", "--input", "nicht-da-é", "--output", "ö"]
    environ = {**clean, **ASCII[0], "PYTHONPATH": str(REPO)}
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, check=False)
    assert "nicht-da-é does not exist" in json.loads(done.stdout)["error"]["message"]


@pytest.mark.parametrize("form", ["args", "spark-defaults"])
def test_a_form_that_has_no_escapes_is_refused_in_words(form: str, folder: Path) -> None:
    words = ["plan", "café.py", "--target", "yarn-8", "--conf", "spark.app.name=日本", "-o", form]
    done = ran(folder, words, ASCII[0])
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"cannot be written in the encoding of stdout, ascii" in done.stderr


def test_the_name_of_a_file_goes_out_as_it_came_in(tmp_path: Path) -> None:
    name = b"caf\xe9.py"
    (tmp_path / os.fsdecode(name)).write_text("")
    done = ran(
        tmp_path, ["plan", os.fsdecode(name), "--target", "yarn-8", "-o", "args"], {"LC_ALL": "C.UTF-8"}
    )
    assert name in done.stdout, done.stderr
