"""A plan as the arguments of spark-submit."""

from __future__ import annotations

import shlex

from launcher.planning.result import Plan
from launcher.planning.submit.command import Submission, argv, main_arguments, main_file
from launcher.redact import holds_secret


def spark_submit_arguments(plan: Plan) -> list[str]:
    """The arguments, without the binary; secrets are left out, since others can read an argument list."""
    application = plan.application
    main, arguments = main_file(application), main_arguments(application)
    return argv(Submission("spark-submit", open_settings(plan), main, arguments))[1:]


def open_settings(plan: Plan) -> dict[str, str]:
    """The settings that are no secrets."""
    return {s.key: s.value for s in plan.settings if not holds_secret(s.key, s.value)}


def spark_submit_text(plan: Plan) -> str:
    """The arguments, quoted as a shell wants them: one option a line, then the application.

    Without a mark at the ends of lines, ``xargs`` and a command substitution take it as it is.
    """
    arguments = spark_submit_arguments(plan)
    options = len(arguments) - 1 - len(main_arguments(plan.application))
    lines = [arguments[at : at + 2] for at in range(0, options, 2)]
    return "\n".join(shlex.join(line) for line in [*lines, arguments[options:]])
