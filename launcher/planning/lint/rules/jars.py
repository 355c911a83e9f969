"""Jars, and what Delta needs of them and of the session."""

from __future__ import annotations

from collections.abc import Iterator

from launcher.planning.lint.artifacts import artifacts, knows_class_path, of
from launcher.planning.lint.configuration import Configuration
from launcher.planning.lint.rule import Problem, rule
from launcher.planning.lint.values import names, shown

JARS, PACKAGES = "spark.jars", "spark.jars.packages"
EXTENSIONS, CATALOG = "spark.sql.extensions", "spark.sql.catalog.spark_catalog"
DELTA_EXTENSION = "io.delta.sql.DeltaSparkSessionExtension"
DELTA_CATALOG = "org.apache.spark.sql.delta.catalog.DeltaCatalog"


@rule("jars-and-packages", "warning", f"Name all jars in {JARS}, or all in {PACKAGES}.")
def both(c: Configuration) -> Iterator[Problem]:
    """Jars are named both as files and as packages."""
    if names(c, JARS) and names(c, PACKAGES):
        message = f"{len(names(c, JARS))} files in {JARS} and {len(names(c, PACKAGES))} in {PACKAGES}"
        yield Problem((JARS, PACKAGES), f"{message}: what they both need can come in two versions")


@rule("jar-in-two-versions", "warning", "Keep one of the versions.")
def two_versions(c: Configuration) -> Iterator[Problem]:
    """One jar is named in two versions."""
    seen: dict[str, str] = {}
    for artifact in (a for a in artifacts(c) if a.key != "classpath"):
        other = seen.setdefault(artifact.name, artifact.shown)
        if other != artifact.shown:
            yield Problem(
                (artifact.key,), f"{other} and {artifact.shown}: the first on the class path decides"
            )


@rule(
    "delta-without-storage",
    "error",
    "Name delta-storage of the same version too; --jars follows no dependencies.",
)
def no_storage(c: Configuration) -> Iterator[Problem]:
    """The jar of Delta is named without delta-storage, which it needs."""
    delta = of(c, "delta-spark", "delta-core")
    resolved = any(jar.key == PACKAGES for jar in delta)
    # delta-storage came with Delta 1.2; before, its classes were in delta-core.
    by_file = [
        jar for jar in delta if jar.key != PACKAGES and not jar.version.startswith(("0.", "1.0", "1.1"))
    ]
    if not by_file or of(c, "delta-storage") or resolved or _folders(c):
        return
    yield Problem((by_file[0].key,), f"{by_file[0].shown} is named, and no delta-storage jar")


@rule(
    "delta-half-configured",
    "error",
    f"Set both {EXTENSIONS}={DELTA_EXTENSION} and {CATALOG}={DELTA_CATALOG}.",
)
def half_configured(c: Configuration) -> Iterator[Problem]:
    """Only one of Delta's two session settings is there."""
    extension = DELTA_EXTENSION in names(c, EXTENSIONS)
    catalog = (c.get(CATALOG) or "").strip() == DELTA_CATALOG
    # Another catalog may hold Delta tables too.
    others = any(key.startswith("spark.sql.catalog.") for key in c.values)
    if (extension and not others) or (catalog and not extension):
        missing = shown(c, CATALOG) if extension else f"{EXTENSIONS} does not name Delta's"
        message = f"{missing}, but the other half is set: Delta's commands fail"
        yield Problem((EXTENSIONS, CATALOG), message)


def _folders(c: Configuration) -> bool:
    paths = ("spark.driver.extraClassPath", "spark.executor.extraClassPath", JARS)
    return knows_class_path(c) or any("*" in (c.get(key) or "") for key in paths)


RULES = (both, two_versions, no_storage, half_configured)
