"""Inputs that never end: ``kafka://HOST:PORT[,HOST:PORT]/TOPIC``, ``delta://TABLE``, ``rate://N``. Pure.

They are read by streams alone, one of them at a time. Their addresses are parsed by hand: Kafka's name
several hosts, and those may be IPv6.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address

from sparkjobs import paths
from sparkjobs.errors import UsageError

KAFKA, DELTA, RATE = "kafka", "delta", "rate"
FILES = "files"
_FLOW = re.compile(r"(kafka|delta|rate)://(.*)", re.IGNORECASE | re.DOTALL)
# What Kafka lets a topic be called (org.apache.kafka.common.internals.Topic).
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?\.?")
_PORT = re.compile(r"[0-9]{1,5}")
_KAFKA_FORM = "Write kafka://HOST:PORT[,HOST:PORT]/TOPIC, an IPv6 address in brackets."
MOST_ROWS_PER_SECOND = 100_000_000
# The column of rate:// that holds words.
MADE_UP_TEXT = "text"


@dataclass(frozen=True)
class KafkaFlow:
    """A topic: the brokers to ask first, each ``HOST:PORT``, and its name."""

    hosts: tuple[str, ...]
    topic: str
    kind = KAFKA

    def __str__(self) -> str:
        return f"kafka://{','.join(self.hosts)}/{self.topic}"

    @property
    def identity(self) -> str:
        """What stays when brokers move."""
        return f"kafka:///{self.topic}"


@dataclass(frozen=True)
class DeltaFlow:
    """A Delta table to which rows are appended, by its path."""

    table: str
    kind = DELTA

    def __str__(self) -> str:
        return f"delta://{self.table}"

    @property
    def identity(self) -> str:
        """The table."""
        return str(self)


@dataclass(frozen=True)
class RateFlow:
    """Rows made up, so many a second."""

    rows_per_second: int
    kind = RATE

    def __str__(self) -> str:
        return f"rate://{self.rows_per_second}"

    @property
    def identity(self) -> str:
        """The rate: it says which time a row has."""
        return str(self)


Flow = KafkaFlow | DeltaFlow | RateFlow


def flow_of(text: str) -> Flow | None:
    """The flow that an input names; ``None`` for a file, a folder or a table that is read as it is.

    Raises:
        UsageError: it is not written as such addresses are; names the part that is wrong.
    """
    match = _FLOW.fullmatch(text)
    if match is None:
        return None
    kind, rest = match.group(1).lower(), match.group(2)
    if kind == KAFKA:
        return _kafka(text, rest)
    return _delta(text, rest) if kind == DELTA else _rate(text, rest)


def flow_among(inputs: Sequence[str]) -> Flow | None:
    """The one flow of a run's inputs; ``None`` where they are files.

    Raises:
        UsageError: there is more than that flow.
    """
    flows = [flow for flow in map(flow_of, inputs) if flow is not None]
    if flows and len(inputs) > 1:
        raise UsageError(
            f"--input {flows[0]} stands beside {len(inputs) - 1} other inputs",
            f"A stream reads one {flows[0].kind}:// input and nothing beside it; start a stream for each.",
        )
    return flows[0] if flows else None


def normalised(path: str) -> str:
    """One spelling for an input, flow or not.

    Raises:
        UsageError: an address or a path that is not allowed.
    """
    flow = flow_of(path)
    return paths.normalise(path) if flow is None else str(flow)


def identity(inputs: Sequence[str]) -> tuple[str, ...]:
    """What of the inputs belongs to the identity of a run: of a topic its name, not the brokers' hosts."""
    return tuple(path if (flow := flow_of(path)) is None else flow.identity for path in inputs)


def kind_of(inputs: Sequence[str]) -> str:
    """``files``, ``kafka``, ``delta`` or ``rate``."""
    flow = flow_among(inputs)
    return FILES if flow is None else flow.kind


def _kafka(text: str, rest: str) -> KafkaFlow:
    authority, slash, topic = rest.partition("/")
    if not slash or not topic:
        raise UsageError(f"--input {text} names no topic", _KAFKA_FORM)
    if "@" in authority:
        raise UsageError(
            f"--input kafka://.../{topic} holds a name or password",
            "Give credentials by --kafka-secret sasl.jaas.config=env:NAME.",
        )
    if not _TOPIC.fullmatch(topic) or topic in (".", ".."):
        raise UsageError(
            f"--input {text}: {topic!r} is no topic", "A topic has letters, digits, '.', '_' and '-'."
        )
    return KafkaFlow(tuple(_host(text, one) for one in authority.split(",")), topic)


def _host(text: str, address: str) -> str:
    host, _, port = address.rpartition(":")
    if not host or not _PORT.fullmatch(port) or not 0 < int(port) < 65536:
        raise UsageError(f"--input {text}: {address!r} is not HOST:PORT", _KAFKA_FORM)
    if host.startswith("[") and host.endswith("]"):
        try:
            return f"[{IPv6Address(host[1:-1])}]:{int(port)}"
        except ValueError as error:
            raise UsageError(f"--input {text}: {host} is no IPv6 address", _KAFKA_FORM) from error
    if not _HOST.fullmatch(host):
        raise UsageError(f"--input {text}: {host!r} is no host", _KAFKA_FORM)
    return f"{host.lower()}:{int(port)}"


def _delta(text: str, rest: str) -> DeltaFlow:
    if not rest:
        raise UsageError(f"--input {text} names no table", "Write delta:// and the table's path behind it.")
    return DeltaFlow(paths.normalise(rest))


def _rate(text: str, rest: str) -> RateFlow:
    if not rest.isascii() or not rest.isdigit() or not 0 < int(rest) <= MOST_ROWS_PER_SECOND:
        raise UsageError(
            f"--input {text}: {rest!r} is no number of rows",
            f"Write rate:// and how many rows a second, 1 to {MOST_ROWS_PER_SECOND:,}.",
        )
    return RateFlow(int(rest))
