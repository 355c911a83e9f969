"""What a cluster of Kafka tells of a topic, asked through the Kafka client of the driver's JVM.

One admin client is open for as long as the stream runs. It needs no deserializer and joins no group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from sparkjobs.errors import EnvironmentProblem, SparkjobsError
from sparkjobs.jvm import java_map, jvm_of
from sparkjobs.streaming.sources.kafka.faults import told

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

T = TypeVar("T")
# Shorter than the client's own minute: a stream that is told to stop must not wait for a broker that is gone.
_TIMEOUTS = {"default.api.timeout.ms": "10000", "request.timeout.ms": "10000"}


@dataclass(frozen=True)
class Topic:
    """A topic as it is now.

    Attributes:
        identity: Kafka's own id of it, another one when it was deleted and made anew.
        partitions: the numbers of its partitions.
    """

    identity: str
    partitions: tuple[int, ...]


@dataclass(frozen=True)
class Extent:
    """The offsets of each partition: the earliest that is there, and the one that comes next."""

    first: dict[int, int]
    last: dict[int, int]


class Broker:
    """The cluster.

    Args:
        spark: the session.
        hosts: brokers to ask first.
        topic: the topic.
        settings: of the client.

    Raises:
        EnvironmentProblem: the session has no Kafka client.
        SparkjobsError: a setting is wrong.
    """

    def __init__(self, spark: SparkSession, hosts: Iterable[str], topic: str, settings: Mapping[str, str]):
        self._jvm: Any = jvm_of(spark)
        self._topic = topic
        self._hosts = ",".join(hosts)
        self._refuse_without_client()
        config = java_map(spark, {**_TIMEOUTS, **settings, "bootstrap.servers": self._hosts})
        self._admin: Any = self._asked(lambda: self._jvm.org.apache.kafka.clients.admin.Admin.create(config))
        # Records of transactions that were not committed are none; the end is that of the committed ones.
        isolation = self._jvm.org.apache.kafka.common.IsolationLevel.READ_COMMITTED
        self._committed = self._jvm.org.apache.kafka.clients.admin.ListOffsetsOptions(isolation)

    def close(self) -> None:
        """Let go of the connection."""
        self._admin.close(self._jvm.java.time.Duration.ofSeconds(1))

    def cluster(self) -> str:
        """The cluster's id.

        Raises:
            SparkjobsError: nobody answers, or refuses to.
        """
        return str(self._asked(lambda: self._admin.describeCluster().clusterId().get()))

    def topic(self) -> Topic:
        """The topic now.

        Raises:
            SparkjobsError: there is none of this name; nobody answers, or refuses to.
        """
        names = self._jvm.java.util.Collections.singletonList(self._topic)
        found = self._asked(lambda: self._admin.describeTopics(names).allTopicNames().get())
        about = found.get(self._topic)
        numbers = sorted(int(part.partition()) for part in about.partitions())
        return Topic(str(about.topicId().toString()), tuple(numbers))

    def extent(self, partitions: Iterable[int]) -> Extent:
        """What each partition holds.

        Raises:
            SparkjobsError: nobody answers, or refuses to.
        """
        numbers = tuple(partitions)
        spec = self._jvm.org.apache.kafka.clients.admin.OffsetSpec
        # Both are under way before the first is waited for.
        first = self._listing(numbers, spec.earliest())
        last = self._listing(numbers, spec.latest())
        return Extent(self._offsets(first, numbers), self._offsets(last, numbers))

    def first(self, partitions: Iterable[int]) -> dict[int, int]:
        """The earliest offset that is there, of each partition.

        Raises:
            SparkjobsError: nobody answers, or refuses to.
        """
        numbers = tuple(partitions)
        spec = self._jvm.org.apache.kafka.clients.admin.OffsetSpec.earliest()
        return self._offsets(self._listing(numbers, spec), numbers)

    def at(self, partitions: Iterable[int], moment_ms: int) -> dict[int, int]:
        """The first offset of each partition whose record is not before a moment, where there is one.

        Raises:
            SparkjobsError: nobody answers, or refuses to.
        """
        numbers = tuple(partitions)
        spec = self._jvm.org.apache.kafka.clients.admin.OffsetSpec.forTimestamp(moment_ms)
        found = self._offsets(self._listing(numbers, spec), numbers)
        return {number: offset for number, offset in found.items() if offset >= 0}

    def _listing(self, partitions: Iterable[int], spec: Any) -> Any:
        wanted = self._jvm.java.util.HashMap()
        for number in partitions:
            wanted.put(self._partition(number), spec)
        return self._asked(lambda: self._admin.listOffsets(wanted, self._committed))

    def _offsets(self, listing: Any, partitions: Iterable[int]) -> dict[int, int]:
        def read() -> dict[int, int]:
            return {
                number: int(listing.partitionResult(self._partition(number)).get().offset())
                for number in partitions
            }

        return self._asked(read)

    def _partition(self, number: int) -> Any:
        return self._jvm.org.apache.kafka.common.TopicPartition(self._topic, number)

    def _asked(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except SparkjobsError:
            raise
        except Exception as error:
            found = told(error, self._hosts, self._topic)
            if found is None:
                raise
            raise found from error

    def _refuse_without_client(self) -> None:
        from py4j.java_gateway import JavaClass  # type: ignore[import-untyped]

        if not isinstance(self._jvm.org.apache.kafka.clients.admin.Admin, JavaClass):
            raise EnvironmentProblem(
                "this session has no Kafka client",
                "Start it with the jars of both sets: spark-submit --jars $(sparkjob jars path delta kafka).",
            )
