"""Options that several verbs share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def output_option(function: F) -> F:
    """``-o text|json``: json prints one document and nothing else on stdout."""
    option = click.option(
        "-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True,
        help="How to print the answer; json is one document.",
    )  # fmt: skip
    return option(function)
