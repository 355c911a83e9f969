"""Local runs: settings within the machine, an argument list in order, streams unchanged."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from launcher.host.local.driver_stderr import stderr_door
from launcher.host.local.textfiles import text_files, up_to
from launcher.runs.child import DIE_WITH_PARENT
from launcher.spec.local_settings import MIB, heap_mib, quoted


@given(st.integers(2048 * MIB, 1 << 50))
def test_the_heap_leaves_half_of_the_memory_to_python(memory_bytes: int) -> None:
    assert heap_mib(memory_bytes) * MIB <= memory_bytes / 2


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1))
def test_quoted_options_come_out_of_splitting_as_they_went_in(option: str) -> None:
    import shlex

    # Spark splits as a shell does, but for $ and such, which shlex leaves alone as well.
    assert shlex.split(quoted(option)) == [option]


@given(st.lists(st.binary(min_size=1, max_size=200_000), max_size=5))
def test_the_door_passes_every_byte(parts: list[bytes]) -> None:
    seen = bytearray()
    with TemporaryDirectory() as folder, stderr_door(seen.extend, Path(folder)) as path:
        for part in parts:  # writers one after the other, as processes come and go
            with path.open("wb", buffering=0) as stream:
                rest = memoryview(part)
                while rest:
                    rest = rest[stream.write(rest) :]
    assert bytes(seen) == b"".join(parts)


def test_the_drivers_python_gets_an_stderr_of_its_own_and_an_end_of_its_input(tmp_path: Path) -> None:
    script = "import sys; print('out'); print('err', file=sys.stderr); print(repr(sys.stdin.read()))"
    seen = bytearray()
    with stderr_door(seen.extend, tmp_path) as path:
        # As under spark-submit: both streams in one, and an input that nobody closes.
        driver = subprocess.Popen(
            [sys.executable, str(DIE_WITH_PARENT), str(tmp_path / "driver"), sys.executable, "-c", script],
            env={**os.environ, "SPARKJOBS_STDERR": str(path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert driver.stdout is not None
        out = driver.stdout.read()
        assert driver.wait(60) == 0
    assert (out, bytes(seen)) == (b"out\n''\n", b"err\n")


def test_the_door_leaves_no_thread_behind(tmp_path: Path) -> None:
    before = threading.active_count()
    with stderr_door(lambda data: None, tmp_path):
        pass
    assert threading.active_count() == before


def test_text_files_come_sorted_until_the_limit(tmp_path: Path) -> None:
    for name in ("b.txt", "a.py", "c.md", "no.bin", "x:y.txt", "empty.txt"):
        (tmp_path / name).write_text("" if name == "empty.txt" else "12345")
    (tmp_path / "site-packages").mkdir()
    (tmp_path / "site-packages" / "z.txt").write_text("12345")
    files = list(text_files([tmp_path]))
    assert [path.name for path in files] == ["a.py", "b.txt", "c.md"]
    assert [path.name for path, _ in up_to(files, 12)] == ["a.py", "b.txt"]
