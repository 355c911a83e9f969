"""How fast an event log is read, and in how much memory: ``python -m bench.event_logs LOG [GB]``.

The tasks of the log come again and again, as a stream, until it is so many GB: no such file is needed.
"""

from __future__ import annotations

import contextlib
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from launcher.records.history.facts.make_facts import facts_of
from launcher.records.history.file_lines import FileLines
from launcher.records.history.kept_trace import pack_trace
from launcher.records.history.read_trace import Part, trace_of


class Repeated:
    """The lines of a log; those of tasks come as often as it takes.

    Args:
        log: a plain log.
        size: bytes in all, at least.
    """

    def __init__(self, log: bytes, size: int) -> None:
        lines = log.splitlines(keepends=True)
        tasks = b"".join(line for line in lines if line.startswith(b'{"Event":"SparkListenerTaskEnd"'))
        self.size = len(log) + len(tasks) * max(0, -(-(size - len(log)) // len(tasks)))
        self._pieces = self._all(log, tasks)
        self._held = b""

    def _all(self, log: bytes, tasks: bytes) -> Iterator[bytes]:
        yield log
        for _ in range((self.size - len(log)) // len(tasks)):
            yield tasks

    def read(self, size: int, /) -> bytes:
        """At most so many bytes."""
        while not self._held:
            self._held = next(self._pieces, b"")
            self._view = memoryview(self._held)
            if not self._held:
                return b""
        data, self._view = bytes(self._view[:size]), self._view[size:]
        if not self._view:
            self._held = b""
        return data


def plain(path: Path) -> bytes:
    """A log as its plain bytes."""
    lines = FileLines(str(path))
    whole = [line for some in lines.feed(path.read_bytes()) for line in some]
    return b"\n".join([*whole, *(line for some in lines.end() for line in some)]) + b"\n"


def main() -> None:
    """Read and tell."""
    log = plain(Path(sys.argv[1]))
    source = Repeated(log, int(float(sys.argv[2] if len(sys.argv) > 2 else 1) * 1e9))
    part = Part("log", "log", lambda: contextlib.nullcontext(source))
    began = time.process_time()
    trace = trace_of([part], "log")
    took = time.process_time() - began
    tasks = sum(len(stage.tasks) for stage in trace.stages)
    speed = source.size / took / 1e6
    print(f"{source.size / 1e9:.1f} GB, {tasks} tasks: {speed:.0f} MB/s of one core{_memory()}")
    began = time.process_time()
    facts = len(msgspec.json.encode(facts_of(trace)))
    print(f"facts: {facts} bytes in {time.process_time() - began:.1f} s{_memory()}")
    began = time.process_time()
    packed = pack_trace(trace)
    size = "none" if packed is None else f"{len(packed)} bytes"
    print(f"kept trace: {size} in {time.process_time() - began:.1f} s{_memory()}")


def _memory() -> str:
    return f", {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MiB at most"


if __name__ == "__main__":
    main()
