"""``python -m bench [--quick | --all] [--only NAME]``: measure, check, write ``bench/results``."""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import big, cli, contest, growth, report, start, whole
from bench.inputs.text import text_file
from bench.model import FULL, LARGE, QUICK, Sizes
from bench.replaying import suite as replaying
from bench.suites import SUITES

RESULTS = Path(__file__).parent / "results"
# Measured by other means than a contest.
COMMANDS = ("start", "cli", "replay")
SCALES = ("growth", "big", "whole")
_SMALL_JOB_BYTES = 1_000_000


def main(argv: Sequence[str] | None = None) -> int:
    """Run the suites; 1 when a peer's result differs from ours."""
    requested = _parser().parse_args(argv)
    sizes = QUICK if requested.quick else LARGE if requested.large else FULL
    rounds = requested.rounds or sizes.rounds
    names = _chosen(requested.only, all_of_them=requested.all)
    differing = _contests([name for name in names if name in SUITES], sizes, rounds, requested.results)
    text = text_file(_SMALL_JOB_BYTES)
    others: dict[str, Callable[[], None]] = {
        "start": lambda: start.main(text, rounds, requested.results),
        "cli": lambda: cli.main(text, rounds, requested.results),
        "replay": lambda: replaying.main(requested.results, requested.quick),
        "growth": lambda: growth.main(requested.scale, requested.repeat, requested.results, requested.quick),
        "big": lambda: big.main(requested.quick, requested.results),
        "whole": lambda: whole.main(
            text_file(QUICK.text_bytes if requested.quick else LARGE.text_bytes), rounds, requested.results
        ),
    }
    for name in names:
        if name in others:
            others[name]()
    for name in names:
        print((requested.results / f"{name}.md").read_text(encoding="utf-8"))
    for name in differing:
        print(f"results differ: {name}", file=sys.stderr)
    return 1 if differing else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="little data, one round: shows that it works")
    parser.add_argument("--large", action="store_true", help="more data in every suite")
    parser.add_argument("--all", action="store_true", help="growth and the big files too")
    parser.add_argument("--rounds", type=int, help="rounds instead of 3")
    parser.add_argument("--only", action="append", help="a suite, or all of a job; repeat for more")
    parser.add_argument("--scale", type=float, default=1.0, help="growth: so many times its first size")
    parser.add_argument("--repeat", type=int, default=1, help="growth: runs of each size (default: 1)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the results")
    return parser


def _chosen(only: Sequence[str] | None, *, all_of_them: bool) -> list[str]:
    known = [*SUITES, *COMMANDS, *SCALES]
    if only is None:
        return known if all_of_them else [*SUITES, *COMMANDS]
    found = [name for name in known if name in only or (name in SUITES and SUITES[name].job in only)]
    if not found:
        raise SystemExit(f"no suite {', '.join(only)}; there are {', '.join(known)}")
    return found


def _contests(names: Sequence[str], sizes: Sizes, rounds: int, results: Path) -> list[str]:
    """Run the contests; suites of one job share the processes of their engines."""
    differing: list[str] = []
    for _, group in itertools.groupby(names, key=lambda name: SUITES[name].job):
        with contest.Engines() as engines:
            for name in group:
                wrong = _contest(name, sizes, rounds, results, engines)
                differing += [f"{name} {peer}" for peer in wrong]
    return differing


def _contest(name: str, sizes: Sizes, rounds: int, results: Path, engines: contest.Engines) -> list[str]:
    suite = SUITES[name]
    print(f"{suite.title}:", file=sys.stderr, flush=True)
    started = time.monotonic()
    measured = contest.run_rounds(name, suite, suite.inputs(sizes), rounds, engines)
    compared = contest.compare(suite.contestants, measured)
    shown = report.table(suite.contestants, measured, compared)
    section = "\n\n".join(filter(None, [f"## {suite.title}", suite.note, shown])) + "\n"
    report.write(results, name, section, {"sizes": vars(sizes), **report.suite_json(measured, compared)})
    print(f"  {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return report.failures(compared)


if __name__ == "__main__":
    sys.exit(main())
