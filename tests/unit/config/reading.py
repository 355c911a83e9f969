"""Helpers: documents and profiles from text, and the message of a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from launcher.spec.cluster import Cluster
from launcher.spec.config.documents import Document, parse_document
from launcher.spec.config.read_profile import cluster_of
from sparkjobs.errors import UsageError

STANDALONE = """\
manager: standalone
address: spark://host:7077
nodes:
  count: 2
  cores: 8
  memory: 32g
"""


def document(text: str) -> Document:
    return parse_document(text.encode(), "c.yaml")


def cluster(text: str) -> Cluster:
    return cluster_of(document(text), "c")


def refused(action: Callable[..., Any], *arguments: Any) -> str:
    """The message of the UsageError that the call must raise."""
    with pytest.raises(UsageError) as caught:
        action(*arguments)
    return caught.value.message
