"""What pairs of runs told of a cluster's contention, kept in the state folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from launcher.places import places
from launcher.records.store import replace_file
from sparkjobs.errors import DataError

# Of all jobs of a cluster; each plan of a job adds four at most.
MOST_PAIRS = 40


class LearntPair(msgspec.Struct, frozen=True):
    """What two runs of one job at two sizes told.

    Attributes:
        runs: their ids.
        k: contention by class of slot: fresh, first of a stage, the rest.
        evidence: sizes and times, for people.
    """

    runs: tuple[str, str]
    k: tuple[float, float, float]
    evidence: str


# What earlier versions learnt from runs whose executors came and went is forgotten.
_VERSION = 2


class _Kept(msgspec.Struct, frozen=True):
    v: int = _VERSION
    clusters: dict[str, tuple[LearntPair, ...]] = {}


def learnt_pairs(environ: Mapping[str, str], cluster: str) -> tuple[LearntPair, ...]:
    """The pairs of a cluster, the newest last.

    Raises:
        DataError: the file is damaged, or a later version wrote it.
    """
    return _read(_file(environ)).clusters.get(cluster, ())


def keep_pair(environ: Mapping[str, str], cluster: str, pair: LearntPair) -> None:
    """Add a pair, in place of what the same runs told before; the oldest goes when there are too many.

    Raises:
        DataError: as ``learnt_pairs``.
        OSError: it cannot be written.
    """
    file = _file(environ)
    kept = _read(file)
    others = [one for one in kept.clusters.get(cluster, ()) if set(one.runs) != set(pair.runs)]
    clusters = {**kept.clusters, cluster: (*others, pair)[-MOST_PAIRS:]}
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    replace_file(file, msgspec.json.format(msgspec.json.encode(_Kept(clusters=clusters))))


def _file(environ: Mapping[str, str]) -> Path:
    return places(environ).state / "contention.json"


def _read(file: Path) -> _Kept:
    try:
        kept = msgspec.json.decode(file.read_bytes(), type=_Kept)
        if kept.v < _VERSION:
            return _Kept()
        if kept.v > _VERSION:
            raise msgspec.ValidationError(f"it is of version {kept.v}")
    except FileNotFoundError:
        return _Kept()
    except (OSError, msgspec.DecodeError) as error:
        raise DataError(f"{file}: {error}", "Remove it: it is learnt anew.") from error
    return kept
