"""When an archive may be used. Pure but for ``jar_facts`` and ``base_fact``, which look at files.

The JVM takes an archive only when Java, its own archive and the class path are the very ones it was
made with: the same jars in the same order with the same sizes and times, and no folder with files in
it. On any difference it starts slowly and says so at best in a log. We look first, so that the reason
is known.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

NONE_MADE = "none was made for this Java and these jars (sparkjob warm makes it)"
# Each adds entries to Spark's class path.
# (AbstractCommandBuilder.buildClassPath, which also puts the folder conf first.)
PATH_VARIABLES = ("SPARK_DIST_CLASSPATH", "HADOOP_CONF_DIR", "YARN_CONF_DIR")


@dataclass(frozen=True)
class FileFact:
    """What tells whether a file is still the same."""

    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True)
class Start:
    """A start of the driver's JVM, as far as the archive cares.

    Attributes:
        java_home: the Java.
        java_version: its version.
        jars: the class path in order: the run's own jars, then Spark's.
        base: Java's own archive, on which this one rests; ``None`` when Java came without.
        additions: what else would be on the class path, each with its reason.
    """

    java_home: str
    java_version: str
    jars: tuple[FileFact, ...]
    base: FileFact | None = None
    additions: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Names the archive that fits this start."""
        files = [*self.jars, *([self.base] if self.base else [])]
        facts = [self.java_home, self.java_version, *[astuple(file) for file in files]]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:20]


def archive_path(folder: Path, start: Start) -> Path:
    """Where the archive of this start is kept."""
    return folder / f"{start.key}.jsa"


def blocked(start: Start) -> str | None:
    """Why no archive could be used by this start; ``None`` when one could."""
    if start.additions:
        return f"the class path has more than jars: {'; '.join(start.additions)}"
    return None


def jar_facts(jars: Sequence[Path], spark_home: Path) -> tuple[FileFact, ...]:
    """The driver's class path, in the order in which the JVM expands ``jars/*``: that of the folder."""
    with os.scandir(spark_home / "jars") as entries:
        spark = [Path(entry.path) for entry in entries if entry.name.endswith(".jar")]
    return tuple(_file_fact(path) for path in (*jars, *spark))


def base_fact(java_home: Path) -> FileFact | None:
    """Java's own archive: whoever makes it anew (``java -Xshare:dump``) ends the use of ours."""
    path = java_home / "lib" / "server" / "classes.jsa"
    return _file_fact(path) if path.is_file() else None


def _file_fact(path: Path) -> FileFact:
    facts = path.stat()
    return FileFact(str(path), facts.st_size, facts.st_mtime_ns)


def additions(environ: Mapping[str, str], spark_home: Path) -> tuple[str, ...]:
    """What ``environ`` puts on the class path beside the jars."""
    found = [f"{name} is set" for name in PATH_VARIABLES if environ.get(name)]
    conf = Path(environ.get("SPARK_CONF_DIR") or spark_home / "conf")
    if conf.is_dir() and any(conf.iterdir()):
        found.append(f"{conf} is not empty")
    return tuple(found)
