"""The verbs: one line and one file each.

The file ``launcher/cli/VERB.py`` (``-`` written as ``_``; ``FILES`` tells the exception) holds ``command``,
a click command. It is imported only when the verb is used, so that ``sparkjob --help`` stays quick.
"""

from __future__ import annotations

from collections.abc import Mapping

VERBS: Mapping[str, str] = {
    "init": "begin a job of your own: job, test, job file, cluster profile",
    "doctor": "check this machine, with the commands that mend it",
    "jars": "fetch and verify the Java libraries that Spark needs",
    "jobs": "list the jobs, or show the flags of one",
    "cluster": "start and stop a Spark standalone cluster on this machine",
    "cancel": "end a run, and say how we know that it has ended",
    "logs": "print what a run wrote, and go on while it writes",
    "runs": "list the runs, or remove old ones",
    "status": "tell the truth about one run",
    "report": "tell what a run cost and what cost most: words, JSON or a page",
    "compare": "tell where the difference of two runs comes from, stage by stage",
    "tune": "choose the next run's settings from earlier ones, by an objective",
    "simulate": "predict a run of the past with other executors, with a band",
    "run": "run a job or script: plan, lock, submit, follow, explain",
    "qualify": "tell how much of a job or script would run on a GPU, without one",
    "plan": "size a job or script for a cluster: every setting with its reason",
    "package": "build what a bare spark-submit needs: a zip and a main file",
    "stream": "look at a stream's checkpoint, take it back to a batch, print its systemd unit",
    "table": "look at a Delta table and change it, without a JVM",
    "ui": "show Spark's own pages of one run",
    "validate": "find contradictions and silent traps in any Spark configuration",
    "warm": "build the archive that makes Spark start sooner",
}

# Left out of the help: helpers of the Makefile and of maintainers.
HIDDEN: Mapping[str, str] = {
    "run-local": "count the words of this machine's text files (what make run-local runs)",
    "lock-jars": "resolve conf/jars.yaml again and write conf/jars.lock",
}

# Verbs whose file has another name: a package of that name lies beside it.
FILES: Mapping[str, str] = {"cluster": "cluster_verb"}
