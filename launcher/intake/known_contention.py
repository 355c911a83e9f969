"""What is known of a cluster's contention: learnt from runs of a job at two sizes, kept for all jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from launcher.advice.prediction.contention import Contention, merged
from launcher.advice.prediction.learn import learn
from launcher.advice.tuning.past import Past, useless
from launcher.records.learnt_contention import LearntPair, keep_pair, learnt_pairs
from sparkjobs.errors import DataError

# A pair is played some forty times.
MOST_TASKS = 20_000


def known_contention(cluster: str, pasts: Sequence[Past], environ: Mapping[str, str]) -> Contention | None:
    """The contention of a cluster; what these runs of one job tell of it is learnt and kept first.

    Args:
        cluster: name of its profile.
        pasts: runs of one job there.
        environ: tells where it is kept.

    What is kept and damaged, or cannot be written, counts as nothing.
    """
    try:
        return _known(cluster, pasts, environ)
    except (DataError, OSError):  # a cache that is learnt anew; no plan fails for it
        return None


def _known(cluster: str, pasts: Sequence[Past], environ: Mapping[str, str]) -> Contention | None:
    kept = {frozenset(pair.runs) for pair in learnt_pairs(environ, cluster)}
    good = [past for past in pasts if not useless(past) and past.basis.model.tasks <= MOST_TASKS]
    named = [past for past in good if past.run_id]
    # What older runs tell of each other was learnt when they were the newest.
    for one, other in ((named[0], past) for past in named[1:]):
        if one.kind != other.kind:
            continue
        runs = (str(one.run_id), str(other.run_id))
        if frozenset(runs) not in kept and (found := learn(one.basis, other.basis)) is not None:
            keep_pair(environ, cluster, LearntPair(runs, found.k, found.evidence[0]))
    return merged([Contention(pair.k, (pair.evidence,)) for pair in learnt_pairs(environ, cluster)])
