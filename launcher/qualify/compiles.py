"""Whether a script is Python at all, found out before Spark is started for it."""

from __future__ import annotations

import ast
import warnings
from pathlib import Path

from launcher.spec.application import Application
from sparkjobs.qualify.answer import Answer


def unreadable(application: Application) -> Answer | None:
    """The answer about a script that Python cannot compile; ``None`` about every other."""
    if application.path is None:
        return None
    script = Path(application.path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are told when it runs
            compile(ast.parse(script.read_bytes(), script.name), script.name, "exec", dont_inherit=True)
    except SyntaxError as error:
        return Answer(
            "failed", reason=f"SyntaxError: {error.msg}", place=f"{script.name}:{error.lineno or 1}"
        )
    except (ValueError, RecursionError, MemoryError) as error:  # a NUL; brackets without end
        return Answer("failed", reason=f"{type(error).__name__}: {error}", place=script.name)
    return None
