"""Ivy, which is inside the pyspark wheel, as the downloader: no Maven is needed on the machine."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

from sparkjobs.errors import EnvironmentProblem

# Where Ivy lays the files, below the scratch folder: found again without reading its reports.
FOUND = "found"
PATTERN = "[organisation]/[module]/[revision]/[artifact]-[revision].[ext]"
IVY_FILE = "ivy.xml"
SETTINGS_FILE = "ivysettings.xml"
# A gigabyte over a slow line.
TIMEOUT_S = 7200
_TELL_EVERY_S = 10


@dataclass(frozen=True)
class Repository:
    """Where Ivy looks.

    Attributes:
        url: root of a Maven repository; ``None`` means Ivy's own default, Maven Central.
        settings: an Ivy settings file of the user's instead, with its own resolvers and credentials.
    """

    url: str | None = None
    settings: Path | None = None

    @property
    def label(self) -> str:
        """How messages call it."""
        return str(self.settings) if self.settings else without_password(self.url or "Maven Central")


@dataclass(frozen=True)
class Dependency:
    """A coordinate to resolve, with what it needs at run time or alone."""

    coordinate: str
    transitive: bool


def without_password(text: str) -> str:
    """Hide ``user:password@`` of every URL in a text."""
    return re.sub(r"//[^/@\s]+@", "//***@", text)


def settings_xml(repository: Repository, poms: bool) -> str:
    """Ivy settings for one repository in Maven's layout.

    Args:
        repository: its URL, or the default.
        poms: read the POMs (to resolve what a jar needs); locked jars are taken by name without.
    """
    root = f" root={quoteattr(repository.url.rstrip('/') + '/')}" if repository.url else ""
    use = "true" if poms else "false"
    return (
        '<ivysettings><settings defaultResolver="main"/>'
        f'<resolvers><ibiblio name="main" m2compatible="true" usepoms="{use}"{root}/></resolvers>'
        "</ivysettings>\n"
    )


def ivy_xml(dependencies: Sequence[Dependency], without: Sequence[str] = ()) -> str:
    """The module that asks for ``dependencies``; ``without`` are GROUP or GROUP:ARTIFACT."""
    wanted = "".join(_dependency_xml(dependency) for dependency in dependencies)
    excluded = "".join(_exclude_xml(pattern) for pattern in without)
    return (
        '<ivy-module version="2.0"><info organisation="sparkjobs" module="jars"/>'
        '<configurations><conf name="default"/></configurations>'
        f"<dependencies>{wanted}{excluded}</dependencies></ivy-module>\n"
    )


def _dependency_xml(dependency: Dependency) -> str:
    group, artifact, version = dependency.coordinate.split(":")
    # "default" of a POM is the jar and what it needs at run time; without a POM there is only "*".
    conf = "default->default" if dependency.transitive else "default->*"
    transitive = "true" if dependency.transitive else "false"
    return (
        f"<dependency org={quoteattr(group)} name={quoteattr(artifact)} rev={quoteattr(version)} "
        f'transitive="{transitive}" conf={quoteattr(conf)}/>'
    )


def _exclude_xml(pattern: str) -> str:
    group, _, artifact = pattern.partition(":")
    return f"<exclude org={quoteattr(group)}" + (f" module={quoteattr(artifact)}" if artifact else "") + "/>"


def command(java: Path, spark_home: Path, scratch: Path, settings: Path) -> list[str]:
    """The command line that resolves ``scratch/ivy.xml`` into ``scratch/found``."""
    jars = sorted((spark_home / "jars").glob("ivy-*.jar"))
    if not jars:
        raise EnvironmentProblem(f"no ivy-*.jar in {spark_home / 'jars'}", "Install pyspark again.")
    return [
        str(java),
        # Ivy would check each repository's sha1 file; ours is the sha256 of the lock.
        "-Divy.checksums=",
        f"-Divy.default.ivy.user.dir={scratch}",
        "-cp", str(jars[-1]), "org.apache.ivy.Main",
        "-settings", str(settings),
        "-ivy", str(scratch / IVY_FILE),
        "-cache", str(scratch / "cache"),
        "-confs", "default",
        # Maven's packaging `bundle` is a jar with OSGi headers, which Ivy keeps apart as a type of its own.
        "-types", "jar", "bundle",
        "-retrieve", str(scratch / FOUND / PATTERN),
    ]  # fmt: skip


def run(argv: Sequence[str], scratch: Path, repository: Repository, tell: Callable[[str], None]) -> None:
    """Run Ivy once; ``tell`` hears how much of a long download is there.

    Raises:
        EnvironmentProblem: jars are missing from the repository (named), or it cannot be reached.
    """
    with subprocess.Popen(
        list(argv), cwd=scratch, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True,
    ) as child:  # fmt: skip
        try:
            report = _report(child, scratch, tell)
        except BaseException:
            child.kill()
            raise
    if child.returncode != 0:
        raise failure(without_password(report), repository)


def _report(child: subprocess.Popen[str], scratch: Path, tell: Callable[[str], None]) -> str:
    for _ in range(TIMEOUT_S // _TELL_EVERY_S):
        try:
            return child.communicate(timeout=_TELL_EVERY_S)[0]
        except subprocess.TimeoutExpired:
            partly = [path.stat().st_size for path in (scratch / "cache").rglob("*.jar*")]
            tell(f"  {sum(partly) / 1e6:,.0f} MB so far")
    raise EnvironmentProblem(f"the download was not finished after {TIMEOUT_S // 60} minutes", "Try again.")


def failure(report: str, repository: Repository) -> EnvironmentProblem:
    """Tell a missing artifact from a network fault; Ivy calls both ``not found``."""
    network = re.search(r"(Server access error at url .+|Host \S+ not found\.|\S+ ERROR: .+ url=\S+)", report)
    if network:
        return EnvironmentProblem(
            f"{repository.label} cannot be read: {network.group(1).strip()}",
            "Check the network or the proxy, or name a mirror by --repository URL or --ivy-settings FILE.",
        )
    missing = list(dict.fromkeys(re.findall(r":: (\S+)#(\S+);(\S+): not found", report)))
    if missing:
        names = ", ".join(":".join(parts) for parts in missing)
        return EnvironmentProblem(
            f"{repository.label} does not have {names}",
            "It answered, so this is no network fault; another one may have it: --repository URL.",
        )
    tail = "\n".join(report.strip().splitlines()[-5:])
    return EnvironmentProblem(f"Ivy could not resolve the jars from {repository.label}:\n{tail}")
