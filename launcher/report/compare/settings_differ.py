"""Settings that differ between two runs and can change their time. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from launcher.redact import masked

# Names, places and addresses of one run, what marks it for its cluster manager, and secrets.
_OWN = re.compile(
    r"spark\.(app\.|driver\.(host|port|bindAddress|appUIAddress)|eventLog\.(dir|rolling)|executor\.id|ui\.|repl\.|"
    r"history\.|jars$|yarn\.(dist|cache|app|historyServer|jars|archive|secondary|tags)|submit\.|files$|archives$|"
    r"local\.dir$|home$|kubernetes\.(namespace|file\.upload\.path)$|.*\.checkpointLocation$|"
    r"kubernetes\.((driver|executor)\.(label|annotation)\.|driver\.pod\.name$|executor\.podNamePrefix$)|"
    r"org\.apache\.hadoop|redaction|log|metrics|authenticate|ssl\.|sparkjobs)|"
    r".*(token|secret|password|credential)",
    re.IGNORECASE,
)
# Of Hadoop's keys those that name a place or who asks; the others, such as committers and sizes of splits,
# can change the time.
_HADOOP_OWN = re.compile(
    r"spark\.hadoop\.(fs\.default|.*(\bha\.|nameservice|namenode|endpoint|region|address|hostname|principal|keytab|"
    r"access\.?key|account\.key|client\.id|proxyuser|(\.uris?|dirs?|path|arn|\.user(name)?|user\.name)$))",
    re.IGNORECASE,
)
# They say how many executors there are, or how large: their effect is told as that of the executors.
_EXECUTORS = re.compile(
    r"spark\.(dynamicAllocation\.|executor\.(instances|cores)$|cores\.max$|scheduler\.min)"
)
_SQL_OWN = "spark.sql.warehouse.dir"
_MASTER = "spark.master"


def settings_differ(a: Mapping[str, str] | None, b: Mapping[str, str] | None) -> list[str]:
    """``KEY: before -> after`` for each, in the order of their names; those of executors are left out."""
    return [
        f"{key}: {_or_none(a, key)} -> {_or_none(b, key)}"
        for key in _differing(a, b)
        if not _EXECUTORS.match(key)
    ]


def executors_differ(a: Mapping[str, str] | None, b: Mapping[str, str] | None) -> list[str]:
    """The same for those that say how many executors there are."""
    return [
        f"{key}: {_or_none(a, key)} -> {_or_none(b, key)}"
        for key in _differing(a, b)
        if _EXECUTORS.match(key)
    ]


def _differing(a: Mapping[str, str] | None, b: Mapping[str, str] | None) -> list[str]:
    if a is None or b is None:  # one of the logs has lost its settings
        return []
    keys = sorted(set(a) | set(b))
    return [key for key in keys if _value(a, key) != _value(b, key) and not _of_one_run(key)]


def _value(conf: Mapping[str, str], key: str) -> str | None:
    """Of a master its kind: where it listens changes no time, how many threads a local one has does."""
    value = conf.get(key)
    return value.split("://")[0] if key == _MASTER and value is not None else value


def _of_one_run(key: str) -> bool:
    return key == _SQL_OWN or bool(_OWN.match(key) or _HADOOP_OWN.match(key))


def _or_none(conf: Mapping[str, str] | None, key: str) -> str:
    value = (conf or {}).get(key)
    return "not set" if value is None else masked(key, value)
