"""The house's rules of import, and the shape of its files."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPARKJOBS = sorted((ROOT / "sparkjobs").rglob("*.py"))
LAUNCHER = sorted((ROOT / "launcher").rglob("*.py"))


def imported(path: Path) -> set[str]:
    """The modules that a file imports, also inside functions."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def uses(modules: set[str], package: str) -> bool:
    return any(name == package or name.startswith(package + ".") for name in modules)


@pytest.mark.parametrize("path", SPARKJOBS, ids=lambda p: str(p.relative_to(ROOT)))
def test_sparkjobs_never_imports_launcher(path):
    assert not uses(imported(path), "launcher")


@pytest.mark.parametrize("path", LAUNCHER, ids=lambda p: str(p.relative_to(ROOT)))
def test_launcher_never_imports_pyspark(path):
    assert not uses(imported(path), "pyspark")


@pytest.mark.parametrize("path", [*SPARKJOBS, *LAUNCHER], ids=lambda p: str(p.relative_to(ROOT)))
def test_files_stay_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


PURE = [
    "sparkjobs/identity.py",
    "sparkjobs/params.py",
    "sparkjobs/strategies.py",
    "sparkjobs/result.py",
    "sparkjobs/tables/history.py",
    "sparkjobs/ingest/splits.py",
    "sparkjobs/ingest/json_records.py",
    "launcher/runs/explain/explanation.py",
    "launcher/runs/explain/failure_sources.py",
    "launcher/runs/explain/exceptions.py",
    "launcher/runs/explain/extracts.py",
    "launcher/runs/explain/blocks.py",
    "launcher/records/history/eventlog.py",
    "launcher/records/history/facts/chains.py",
    "launcher/records/history/facts/curves.py",
    "launcher/records/history/facts/facts.py",
    "launcher/records/history/facts/make_facts.py",
    "launcher/records/history/facts/memory_facts.py",
    "launcher/records/history/facts/slots.py",
    "launcher/records/history/facts/stage_facts.py",
    "launcher/records/history/file_lines.py",
    "launcher/records/history/kept_trace.py",
    "launcher/records/history/fold/known_executors.py",
    "launcher/records/history/fold/known_profiles.py",
    "launcher/records/history/lines.py",
    "launcher/records/history/fold/task_columns.py",
    "launcher/records/history/trace.py",
    "launcher/records/history/fold/trace_builder.py",
    "launcher/records/history/unpack.py",
    "launcher/records/figures.py",
    "launcher/runs/retry.py",
    "launcher/records/learnt_memory.py",
    "launcher/runs/bounds.py",
    "launcher/tables/locks/lease.py",
    "launcher/tables/locks/lock_place.py",
    *(str(path.relative_to(ROOT)) for path in LAUNCHER if ROOT / "launcher" / "report" in path.parents),
    "launcher/tables/locks/lease_record.py",
    *(str(path.relative_to(ROOT)) for path in LAUNCHER if "advice" in path.parts),
]


@pytest.mark.parametrize("name", PURE)
def test_the_core_is_pure(name):
    modules = imported(ROOT / name)
    for outside in ("subprocess", "socket", "os", "time", "pathlib", "pyspark"):
        assert not uses(modules, outside)


def test_listing_jobs_imports_neither_pyspark_nor_arrow():
    code = (
        "import sys; from sparkjobs import catalogue; catalogue.load(print); import sparkjobs.cli; "
        "print([m for m in ('pyspark', 'pyarrow', 'pandas', 'numpy', 'deltalake') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"
