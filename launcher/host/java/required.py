"""The Java that Spark runs on here, or an error that says how to get one."""

from __future__ import annotations

from collections.abc import Mapping

from launcher.host.java.choose import Java, choose
from launcher.host.java.find import find
from sparkjobs.errors import EnvironmentProblem


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
