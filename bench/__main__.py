"""``python -m bench [--quick] [--rounds N] [--only SUITE]``: measure, check, write ``bench/results``."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from bench import cli, contest, data, report, start
from bench.suites import SUITES

RESULTS = Path(__file__).parent / "results"
_TITLES = {
    "wordcount": "Word count",
    "analytics": "Group-by with exact median",
    "start": "Command to first result",
    "cli": "Answers of the command line",
}


@dataclass(frozen=True)
class Sizes:
    """How much data and how many rounds."""

    text_bytes: int
    sample_bytes: int
    rows: int
    sample_rows: int
    rounds: int


FULL = Sizes(320_000_000, 16_000_000, 10_000_000, 500_000, 3)
QUICK = Sizes(2_000_000, 500_000, 50_000, 10_000, 1)


def main(argv: list[str] | None = None) -> int:
    """Run the suites; 1 when a peer's result differs from ours."""
    requested = _parser().parse_args(argv)
    sizes = QUICK if requested.quick else FULL
    rounds = requested.rounds or sizes.rounds
    differing: list[str] = []
    sections: list[str] = []
    for suite in [requested.only] if requested.only else list(_TITLES):
        print(f"{_TITLES[suite]}:", file=sys.stderr)
        if suite == "start":
            text = _start(rounds, requested.results)
        elif suite == "cli":
            text = _cli(rounds, requested.results)
        else:
            text, wrong = _suite(suite, sizes, rounds, requested.results)
            differing += [f"{suite} {peer}" for peer in wrong]
        section = f"## {_TITLES[suite]}\n\n{text}\n"
        (requested.results / f"{suite}.md").write_text(section, encoding="utf-8")
        sections.append(section)
    print("\n".join(sections))
    for name in differing:
        print(f"results differ: {name}", file=sys.stderr)
    return 1 if differing else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="little data, one round: shows that it works")
    parser.add_argument("--rounds", type=int, help="rounds instead of 3")
    parser.add_argument("--only", choices=list(_TITLES), help="one suite")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the results")
    return parser


def _suite(suite: str, sizes: Sizes, rounds: int, results: Path) -> tuple[str, list[str]]:
    if suite == "wordcount":
        full, sample = data.text_file(sizes.text_bytes), data.text_file(sizes.sample_bytes)
    else:
        full, sample = data.numbers_file(sizes.rows), data.numbers_file(sizes.sample_rows)
    contestants = SUITES[suite]
    measured = contest.run_rounds(suite, contestants, full, sample, rounds)
    compared = contest.compare(contestants, measured)
    content = {"bytes": full.stat().st_size, **report.suite_json(measured, compared)}
    report.write_json(results, suite, content)
    return report.table(measured, compared), report.failures(compared)


def _start(rounds: int, results: Path) -> str:
    seconds = start.run_rounds(data.text_file(QUICK.sample_bytes), rounds)
    ratios = {name: start.ratio_to_plain(seconds, name) for name in seconds}
    report.write_json(results, "start", {"seconds": seconds, "over_plain_pyspark": ratios})
    return report.start_table(seconds, ratios)


def _cli(rounds: int, results: Path) -> str:
    seconds = cli.run_rounds(data.text_file(QUICK.sample_bytes), rounds)
    report.write_json(results, "cli", {"cpu_seconds": seconds, "aims": dict(cli.AIMS_S)})
    return cli.table(seconds)


if __name__ == "__main__":
    sys.exit(main())
