"""Judge files: what each is, what the linter finds, what somebody silenced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from launcher.host.compatibility import Compatibility
from launcher.host.jars.holding import RAPIDS_PLUGIN, holds_rapids
from launcher.intake.gather_request import spark_home
from launcher.places import config_folders
from launcher.planning.lint.applied import spark_version
from launcher.planning.lint.artifacts import CLASS_PATH, artifacts
from launcher.planning.lint.check import check
from launcher.planning.lint.configuration import Configuration
from launcher.planning.lint.rules.rapids import RAPIDS_JAR
from launcher.spec.cluster import Cluster
from launcher.spec.config.discovery import local_file
from launcher.spec.config.discovery import shown as shown_from
from launcher.spec.config.properties import DEFAULTS, defaults_file
from launcher.spec.config.read_profile import read_cluster
from launcher.spec.finding import Finding
from launcher.validation.configuration_source import Source
from launcher.validation.detect import read_source
from launcher.validation.project import UNREADABLE, judge_yaml, refusal
from launcher.validation.silence import of_text
from launcher.validation.submit_script import read_words
from sparkjobs.errors import UsageError

_YAML = (".yaml", ".yml")


@dataclass(frozen=True)
class Report:
    """What is said about one file.

    Attributes:
        file: its name for people.
        kind: what it is.
        findings: what is wrong.
        silenced: findings that somebody silenced.
        notes: what could not be looked at, and why.
    """

    file: str
    kind: str
    findings: tuple[Finding, ...]
    silenced: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judge:
    """What every file is judged by.

    Attributes:
        environ: tells the user's folder and Spark's.
        start: the working folder.
        table: which versions fit together.
        target: name of the cluster profile; ``None`` = what a file names itself, if it does.
        silenced: reasons by rule, for all files.
    """

    environ: Mapping[str, str]
    start: Path
    table: Compatibility
    target: str | None
    silenced: Mapping[str, str]

    def file(self, name: str) -> Report:
        """Judge a file.

        Raises:
            UsageError: there is none, ``--target`` is none, or a silence in it is wrong.
        """
        path = local_file(name, self.start)
        if not path.exists():
            raise UsageError(
                f"there is no file {name}", "Check the path; it is looked for in the working folder."
            )
        if path.suffix in _YAML and path.is_file():
            return self._yaml(path, name)
        try:
            source, text = read_source(path, name, self.start)
        except UsageError as error:
            return Report(name, "unknown", (refusal(UNREADABLE, error),))
        return self._source(source, name, of_text(text, name))

    def words(self, words: Sequence[str]) -> Report:
        """Judge a command line.

        Raises:
            UsageError: spark-submit would not take it.
        """
        return self._source(read_words(words, self.start), "command line", {})

    def _yaml(self, path: Path, name: str) -> Report:
        silenced = {**of_text(path.read_text(encoding="utf-8", errors="replace"), name), **self.silenced}
        kind, findings = judge_yaml(path, name, self.environ, self.start, self.target, self.table)
        return _report(name, kind, findings, silenced, ())

    def _source(self, source: Source, name: str, own: Mapping[str, str]) -> Report:
        cluster, note = self._cluster(source)
        damaged = (
            (Finding(UNREADABLE, "warning", (), source.damaged, "Take a log that is whole."),)
            if source.damaged
            else ()
        )
        configuration = Configuration(
            source.values,
            self.table,
            source.places,
            cluster,
            source.python,
            self._facts(source),
            repeated=source.repeated,
        )
        found = () if source.damaged else check(configuration)
        if artifacts(configuration) and spark_version(configuration) is None:
            note = (*note, "which Spark runs it is not known; --target tells, for the rules about versions")
        silenced = {**own, **self.silenced}
        return _report(name, source.kind, (*damaged, *found), silenced, (*source.notes, *note))

    def _facts(self, source: Source) -> Mapping[str, str]:
        """What a source tells, and what the jars hold that it names here; a log's lie on other machines."""
        if CLASS_PATH in source.facts or RAPIDS_PLUGIN not in source.values.get("spark.plugins", ""):
            return source.facts
        held = holds_rapids(source.values, spark_home(self.environ), self.start)
        return {**source.facts, RAPIDS_JAR: held}

    def _cluster(self, source: Source) -> tuple[Cluster | None, tuple[str, ...]]:
        if self.target is not None:
            return read_cluster(self.target, self.environ, self.start), ()
        if source.target is None:
            return None, ()
        try:
            return read_cluster(source.target, self.environ, self.start), ()
        except UsageError as error:
            return None, (f"its cluster is not looked at: {error.message}",)


def project_files(environ: Mapping[str, str], start: Path) -> list[str]:
    """The files of a project: profiles, job files and spark-defaults.conf, as discovery finds them."""
    folders = config_folders(environ, start)
    files: dict[str, Path] = {}
    for kind in ("clusters", "jobs"):
        for folder in folders:
            for path in sorted((folder / kind).glob("*.y*ml")):
                files.setdefault(f"{kind}/{path.name}", path)
    defaults = [folder / DEFAULTS for folder in folders[:1]] + [defaults_file(environ)]
    found = [*files.values(), *(path for path in defaults if path is not None and path.is_file())]
    return [shown_from(path, start) for path in dict.fromkeys(found)]


def _report(
    name: str, kind: str, findings: tuple[Finding, ...], silenced: Mapping[str, str], notes: tuple[str, ...]
) -> Report:
    spoken = tuple(finding for finding in findings if finding.id not in silenced)
    return Report(name, kind, spoken, tuple(f for f in findings if f.id in silenced), notes)
