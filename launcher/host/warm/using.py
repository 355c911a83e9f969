"""Whether a run on this machine starts from the class-data archive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from launcher.host.java.choose_java import Java
from launcher.host.warm.archive import (
    NONE_MADE,
    Start,
    additions,
    archive_path,
    base_fact,
    blocked,
    jar_facts,
)
from launcher.places import places
from launcher.spec.local_settings import archive_options

CLASS_PATH = "spark.driver.extraClassPath"


@dataclass(frozen=True)
class Archive:
    """The archive of one kind of start.

    Attributes:
        path: where it is, or would be.
        blocked: why no archive could be used at all; ``None`` when one could.
    """

    path: Path
    blocked: str | None

    @property
    def reason_against(self) -> str | None:
        """Why it is not used; ``None`` when it is."""
        return self.blocked or (None if self.path.is_file() else NONE_MADE)

    @property
    def options(self) -> tuple[str, ...]:
        """JVM options that use it; none when it is not used."""
        return () if self.reason_against else tuple(archive_options(self.path))


def archive_of(
    settings: Mapping[str, str], child: Mapping[str, str], java: Java, environ: Mapping[str, str]
) -> Archive:
    """The archive of a run.

    Args:
        settings: of the run; its class path names the archive.
        child: environment of the run.
        java: the Java that it runs on.
        environ: tells the cache.
    """
    home = Path(child["SPARK_HOME"])
    jars = [Path(jar) for jar in settings.get(CLASS_PATH, "").split(":") if jar]
    missing = next((jar for jar in jars if not jar.is_file()), None)
    if missing is not None:
        return Archive(Path(), f"{missing} is no file")
    start = Start(
        str(java.home), java.version, jar_facts(jars, home), base_fact(java.home), additions(child, home)
    )
    return Archive(archive_path(places(environ).cache / "cds", start), blocked(start))
