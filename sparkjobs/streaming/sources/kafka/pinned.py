"""Which topic a stream reads and where it began, kept before the first list is written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sparkjobs.errors import WriteError
from sparkjobs.streaming.folder import Folder

NAME = "kafka.json"
# Brokers before 2.8 give topics no id (Uuid.ZERO_UUID).
NO_ID = "AAAAAAAAAAAAAAAAAAAAAA"


@dataclass(frozen=True)
class Pinned:
    """What does not change while a stream lives.

    Attributes:
        cluster: Kafka's id of the cluster.
        topic: the topic's name.
        topic_id: Kafka's id of the topic.
        begin: the offset at which each partition began; those that came later begin at their earliest.
    """

    cluster: str
    topic: str
    topic_id: str
    begin: Mapping[int, int]


def read_pinned(checkpoint: Folder) -> Pinned | None:
    """What is kept; ``None`` before the first look.

    Raises:
        WriteError: it cannot be read.
    """
    return checkpoint.parsed(NAME, _pinned)


def _pinned(text: str) -> Pinned:
    value = json.loads(text)
    begin = {int(number): int(offset) for number, offset in value["begin"].items()}
    return Pinned(str(value["cluster"]), str(value["topic"]), str(value["topic_id"]), begin)


def keep_pinned(checkpoint: Folder, pinned: Pinned) -> None:
    """Keep it, as a whole."""
    begin = {str(number): offset for number, offset in sorted(pinned.begin.items())}
    value = {"v": 1, "cluster": pinned.cluster, "topic": pinned.topic, "topic_id": pinned.topic_id}
    checkpoint.write(NAME, json.dumps({**value, "begin": begin}) + "\n")


def refuse_other(checkpoint: str, pinned: Pinned, cluster: str, topic_id: str) -> None:
    """Refuse another cluster, or a topic that was deleted and made anew. Pure.

    Raises:
        WriteError: says which; its offsets mean other records.
    """
    if cluster != pinned.cluster:
        raise WriteError(
            f"the brokers belong to the cluster {cluster}, and {checkpoint} was made with {pinned.cluster}",
            "Name brokers of that cluster, or start anew with a new --output and --checkpoint.",
        )
    if NO_ID not in (topic_id, pinned.topic_id) and topic_id != pinned.topic_id:
        raise WriteError(
            f"the topic {pinned.topic} was made anew: its id is {topic_id}, not {pinned.topic_id}",
            "Its offsets mean other records now. Start anew with a new --output and --checkpoint.",
        )
