"""Rounds: every contestant once a round, engines in their own processes, so that all meet the same noise."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.engine_process import EngineProcess
from bench.model import OURS, Contestant, Inputs, Suite
from bench.outcome import same_tables


@dataclass(frozen=True)
class Measured:
    """One timed query in a started, warm engine.

    Attributes:
        query_s: its seconds; ``cpu_s`` its CPU seconds, children included.
        mb_per_s: bytes read by the second.
        process_s: from the start of the process to its exit, where each run has its own.
        same_result: whether the result equals ours of the same round; ``None`` where that is not asked.
    """

    query_s: float
    cpu_s: float
    mb_per_s: float
    process_s: float | None = None
    same_result: bool | None = None


@dataclass(frozen=True)
class Compared:
    """A peer beside ours: medians of the paired ratios; above 1 means that ours is quicker.

    ``process_ratio`` compares whole processes (start, warm-up and query).
    """

    peer: str
    query_ratio: float
    process_ratio: float | None
    aim: float | None
    same_result: bool | None


class Engines:
    """The processes of the engines: started when first needed, kept until the block ends."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._started: dict[str, EngineProcess] = {}

    def get(self, engine: str) -> EngineProcess:
        """The process of an engine."""
        if engine not in self._started:
            self._started[engine] = self._stack.enter_context(EngineProcess(engine))
        return self._started[engine]

    def __enter__(self) -> Engines:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()


def run_rounds(
    name: str, suite: Suite, inputs: Inputs, rounds: int, engines: Engines
) -> dict[str, list[Measured]]:
    """Measure all contestants of a suite, interleaved; each round begins with another one."""
    measured: dict[str, list[Measured]] = {contestant: [] for contestant in suite.contestants}
    with TemporaryDirectory(prefix="sparkjobs-bench-") as folder:
        match = _Match(name, suite, inputs, engines, Path(folder))
        if not suite.fresh:
            for contestant in suite.contestants:
                match.warm(contestant, engines)
        for number in range(rounds):
            for contestant in turn(list(suite.contestants), number):
                measured[contestant].append(match.timed(contestant))
                print(
                    f"  round {number + 1} {contestant}: {_line(measured[contestant][-1])}", file=sys.stderr
                )
            for contestant, runs in measured.items():
                runs[-1] = match.checked(contestant, runs[-1])
    return measured


def turn(names: Sequence[str], number: int) -> list[str]:
    """The order of a round. Pure."""
    first = number % len(names)
    return [*names[first:], *names[:first]]


def compare(
    contestants: Mapping[str, Contestant], measured: Mapping[str, Sequence[Measured]]
) -> list[Compared]:
    """Set every peer beside ours, round by round. Pure."""
    ours = measured[OURS]
    return [_compared(name, contestants[name], ours, measured[name]) for name in contestants if name != OURS]


def as_json(measured: Mapping[str, Sequence[Measured]]) -> dict[str, list[dict[str, object]]]:
    """The raw numbers, for the results file."""
    return {name: [asdict(one) for one in runs] for name, runs in measured.items()}


@dataclass(frozen=True)
class _Match:
    name: str
    suite: Suite
    inputs: Inputs
    engines: Engines
    folder: Path

    def warm(self, contestant: str, engines: Engines) -> None:
        """Let the engine answer on the sample; what is too slow for more is compared with ours of it."""
        engine = engines.get(self.suite.contestants[contestant].engine)
        engine.ask(self.name, contestant, self.inputs.sample, self._sample(contestant))

    def timed(self, contestant: str) -> Measured:
        """One timed run, in a process of its own where the suite wants that."""
        if not self.suite.fresh:
            return self._measure(contestant, self.engines)
        started = time.perf_counter()
        with Engines() as own:
            self.warm(contestant, own)
            if not self.suite.contestants[contestant].sample_only:
                self._measure(contestant, own)  # the engine is warm when its first whole run is over
            found = self._measure(contestant, own)
        return _with(found, process_s=time.perf_counter() - started)

    def checked(self, contestant: str, run: Measured) -> Measured:
        """The run with the word whether its tables are those of ours in this round."""
        peer = self.suite.contestants[contestant]
        if contestant == OURS or not peer.same_result or not self.suite.tables:
            return run
        ours = self._sample(OURS) if peer.sample_only else self._output(OURS)
        same = same_tables(ours, self._output(contestant), self.suite.tables)
        return _with(run, same_result=same)

    def _measure(self, contestant: str, engines: Engines) -> Measured:
        peer = self.suite.contestants[contestant]
        source = self.inputs.sample if peer.sample_only else self.inputs.whole
        found = engines.get(peer.engine).ask(self.name, contestant, source, self._output(contestant))
        rate = _bytes(source) / 1e6 / found["seconds"]
        return Measured(found["seconds"], found["cpu_seconds"], rate)

    def _output(self, contestant: str) -> Path:
        return self.folder / contestant

    def _sample(self, contestant: str) -> Path:
        return self.folder / f"{contestant} of the sample"


def _with(run: Measured, **values: float | bool) -> Measured:
    return Measured(**{**asdict(run), **values})


def _bytes(source: Path) -> int:
    files = source.rglob("*.parquet") if source.is_dir() else [source]
    return sum(file.stat().st_size for file in files)


def _compared(name: str, peer: Contestant, ours: Sequence[Measured], theirs: Sequence[Measured]) -> Compared:
    pairs = list(zip(ours, theirs, strict=True))
    rate = statistics.median(a.mb_per_s / b.mb_per_s for a, b in pairs)
    whole = [b.process_s / a.process_s for a, b in pairs if a.process_s and b.process_s]
    process = None if peer.sample_only or not whole else statistics.median(whole)
    told = [b.same_result for b in theirs if b.same_result is not None]
    return Compared(name, rate, process, peer.aim, all(told) if told else None)


def _line(one: Measured) -> str:
    process = "" if one.process_s is None else f", process {one.process_s:.1f} s"
    return f"{one.query_s:.2f} s, {one.mb_per_s:.0f} MB/s, cpu {one.cpu_s:.1f} s{process}"
