"""What an error of Kafka means: a broker that is away, records that are gone, rights that are missing."""

from __future__ import annotations

from typing import Any

from sparkjobs.errors import DataError, EnvironmentProblem, SparkjobsError, UsageError, one_line


class AwayError(DataError):
    """No broker answers; it may come back."""


# Simple names of exceptions of kafka-clients (org.apache.kafka.common.errors), and what Spark makes of some.
_AWAY = (
    "TimeoutException",
    "DisconnectException",
    "NetworkException",
    "LeaderNotAvailableException",
    "NotLeaderOrFollowerException",
    "CoordinatorNotAvailableException",
    "BrokerNotAvailableException",
    "ReplicaNotAvailableException",
    "KafkaStorageException",
    "NotEnoughReplicasException",
    "StaleBrokerEpochException",
    "UnknownServerException",
)
_MISSING = ("UnknownTopicOrPartitionException", "UnknownTopicIdException", "InvalidTopicException")
_FORBIDDEN = (
    "AuthorizationException",
    "TopicAuthorizationException",
    "ClusterAuthorizationException",
    "GroupAuthorizationException",
    "AuthenticationException",
    "SaslAuthenticationException",
    "SslAuthenticationException",
    "UnsupportedSaslMechanismException",
    "IllegalSaslStateException",
)
_GONE = ("OffsetOutOfRangeException", "NoOffsetForPartitionException")
# Spark's own words (KafkaDataConsumer, kafka-error-conditions.json).
_SPARK_LOSS = ("Some data may have been lost", "KAFKA_DATA_LOSS")
_SPARK_AWAY = "Cannot fetch record for offset"
_CLIENT = "org.apache.kafka."


def causes(error: BaseException) -> list[tuple[str, str]]:
    """Class and message of each Java exception behind an error, the outermost first."""
    java: Any = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
    found: list[tuple[str, str]] = []
    while java is not None and len(found) < 30:
        found.append((str(java.getClass().getName()), str(java.getMessage() or "")))
        java = java.getCause()
    return found


def told(error: BaseException, hosts: str, topic: str) -> SparkjobsError | None:
    """The error in the user's words; ``None`` where it is not one of Kafka.

    Args:
        error: what py4j or Spark raised.
        hosts: the brokers that were asked.
        topic: the topic.
    """
    return explained(causes(error), hosts, topic)


def explained(found: list[tuple[str, str]], hosts: str, topic: str) -> SparkjobsError | None:
    """The same for the causes of an error. Pure."""
    for name, message in reversed(found):
        simple = name.rpartition(".")[2]
        if any(word in message for word in _SPARK_LOSS):
            return _gone(topic, message)
        if not name.startswith(_CLIENT) and _SPARK_AWAY not in message:
            continue
        if simple in _AWAY:
            return AwayError(
                f"no broker of {hosts} answers for the topic {topic}: {simple}: {one_line(message)[:200]}",
                "Check that it runs and can be reached from the driver and the executors.",
            )
        if simple in _GONE:
            return _gone(topic, message)
        if simple in _MISSING:
            return DataError(f"the brokers of {hosts} have no topic {topic}", "Check its name.")
        if simple in _FORBIDDEN:
            return EnvironmentProblem(
                f"the brokers of {hosts} refuse to read {topic}: {simple}: {one_line(message)[:200]}",
                "Check --kafka-option security.protocol, sasl.mechanism, and the --kafka-secret values.",
            )
        if simple in ("ConfigException", "KafkaException"):
            return UsageError(
                f"the Kafka client refuses its settings: {one_line(message)[:200]}",
                "Check the hosts of --input, --kafka-option and --kafka-secret.",
            )
    return None


def _gone(topic: str, message: str) -> DataError:
    return DataError(
        f"records of {topic} were deleted before they were read: {one_line(message)[:200]}",
        "Pass over what is gone with --data-loss ignore; a longer retention.ms of the topic prevents it.",
    )
