"""Look for Javas: JAVA_HOME, PATH, then the folders where Debian, Fedora and macOS put them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from launcher.host.java.choose_java import Java, choose
from sparkjobs.errors import EnvironmentProblem

# Patterns of Java homes. SPARKJOBS_JAVA_FOLDERS (separated by ":") replaces them.
USUAL = (
    "/usr/lib/jvm/*",
    "/opt/java/*",
    "/usr/java/*",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
    "/usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
    "~/.sdkman/candidates/java/*",
)
FOLDERS_VARIABLE = "SPARKJOBS_JAVA_FOLDERS"
PROBE_TIMEOUT_S = 20


def find(environ: Mapping[str, str]) -> tuple[Java, ...]:
    """Every Java found, in the order in which they are preferred, each home once."""
    unique: dict[Path, Java] = {}
    for java in _all(environ):
        unique.setdefault(java.home.resolve(), java)
    return tuple(unique.values())


def _all(environ: Mapping[str, str]) -> Iterator[Java]:
    if environ.get("JAVA_HOME"):
        yield _from_home(Path(environ["JAVA_HOME"]), "JAVA_HOME")
    on_path = shutil.which("java", path=environ.get("PATH", ""))
    if on_path:
        yield _from_home(Path(on_path).resolve().parent.parent, "PATH", Path(on_path))
    for home in _usual_homes(environ):
        yield _from_home(home, str(home.parent))


def _usual_homes(environ: Mapping[str, str]) -> Iterator[Path]:
    given = environ.get(FOLDERS_VARIABLE)
    for pattern in USUAL if given is None else given.split(":"):
        absolute = Path(pattern.replace("~", environ.get("HOME", "~"), 1))
        if absolute.is_absolute():
            homes = sorted(Path(absolute.anchor).glob(str(absolute.relative_to(absolute.anchor))))
            yield from (home for home in homes if (home / "bin" / "java").is_file())


def _from_home(home: Path, origin: str, binary: Path | None = None) -> Java:
    version = _released_version(home)
    if version and (home / "bin" / "java").is_file():
        return Java(home, version, origin)
    # A shim, or a package without a release file: only the Java itself knows its home.
    return _probe(binary or home / "bin" / "java", home, origin)


def _released_version(home: Path) -> str:
    try:
        text = (home / "release").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    match = re.search(r'^JAVA_VERSION="?([^"\n]+)', text, re.MULTILINE)
    return match.group(1) if match else ""


def _probe(binary: Path, home: Path, origin: str) -> Java:
    command = [str(binary), "-XshowSettings:properties", "-version"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PROBE_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return Java(home, "", origin)
    properties = dict(re.findall(r"^\s+(java\.home|java\.version) = (.+)$", done.stderr, re.MULTILINE))
    return Java(Path(properties.get("java.home", home)), properties.get("java.version", "").strip(), origin)


def required_java(environ: Mapping[str, str]) -> Java:
    """The Java that we would take.

    Raises:
        EnvironmentProblem: none fits; the message tells each one passed over, with its reason.
    """
    choice = choose(find(environ))
    if choice.java is None:
        seen = "".join(f"\n  {reason}" for reason in choice.passed_over)
        raise EnvironmentProblem(
            f"no Java 17 or 21 was found{seen}", "sparkjob doctor prints the command that installs it."
        )
    return choice.java
