"""The tree is the architecture: a name says where a thing is, and a file holds enough to deserve one."""

from __future__ import annotations

from collections import defaultdict

from tests.unit.test_architecture import LAUNCHER, ROOT

# Names that stand more than once in launcher/, and why each is the right one everywhere.
MANAGER = "a manager: the one that is asked, and how its answers are read"
TOPIC = "a topic of settings, of the linter's rules about them, or of what fails for them"
REPEATED = {
    "kubernetes.py": MANAGER,
    "standalone.py": MANAGER,
    "yarn.py": MANAGER,
    "executors.py": TOPIC,
    "gpu.py": TOPIC,
    "delta.py": TOPIC,
    "cluster.py": "what a cluster is, and what fails for its sake",
    "jars.py": "the verb, and the linter's rules about jars",
    "jobs.py": "the verb, and what jobs fail for",
    "idle.py": "idle executors: their seconds, and what is said of them",
    "memory.py": "memory: the linter's rules about it, and what a report says of it",
    "report.py": "the verb, and what it shows",
}
# Files under 30 lines, and why they stand alone.
SHORT = {
    "launcher/cli/lock_jars.py": "one file a verb",
    "launcher/host/packaging/sparkjobs_main.py": "a program: what spark-submit runs",
    "launcher/runs/supervisor_main.py": "a program: what a supervisor's process runs",
    "launcher/runs/threads.py": "three modules start threads by it",
    "launcher/qualify/compiles.py": "found out without Spark, before the rest of the package is needed",
    "launcher/records/history/fold/task_failures.py": "which failure counts is no matter of the fold",
    "launcher/spec/finding.py": "the linter makes them, plans carry them, three packages show them",
}
LEAST = 30


def test_a_file_name_repeats_only_with_a_reason():
    places = defaultdict(list)
    for path in LAUNCHER:
        places[path.name].append(path)
    assert {name for name, paths in places.items() if len(paths) > 1} - {"__init__.py"} == set(REPEATED)


def test_a_short_file_has_a_reason():
    short = {
        str(path.relative_to(ROOT))
        for path in LAUNCHER
        if path.name != "__init__.py" and len(path.read_text(encoding="utf-8").splitlines()) < LEAST
    }
    assert short == set(SHORT)
