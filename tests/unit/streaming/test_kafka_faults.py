"""What errors of Kafka and of Spark's reader mean, by the classes of their causes."""

from __future__ import annotations

import pytest

from sparkjobs.errors import DataError, EnvironmentProblem, UsageError
from sparkjobs.streaming.sources.kafka.faults import AwayError, explained

OURS = "org.apache.kafka.common.errors."
TIMEOUT = "java.util.concurrent.TimeoutException"
OUTER = ("org.apache.spark.SparkException", "Job aborted due to stage failure")


@pytest.mark.parametrize(
    ("cause", "kind", "said"),
    [
        (
            (OURS + "TimeoutException", "Timed out waiting"),
            AwayError,
            "no broker of b:1",
        ),
        ((OURS + "DisconnectException", ""), AwayError, "no broker of b:1"),
        (
            (TIMEOUT, "Cannot fetch record for offset 5 in 240000"),
            AwayError,
            "t",
        ),
        ((OURS + "UnknownTopicOrPartitionException", "x"), DataError, "have no topic t"),
        ((OURS + "SaslAuthenticationException", "no"), EnvironmentProblem, "refuse to read t"),
        ((OURS + "TopicAuthorizationException", "no"), EnvironmentProblem, "refuse to read t"),
        (("org.apache.kafka.common.config.ConfigException", "No resolvable"), UsageError, "No resolvable"),
        (("org.apache.kafka.clients.consumer.OffsetOutOfRangeException", "x"), DataError, "were deleted"),
        (
            ("org.apache.spark.sql.kafka010.KafkaIllegalStateException", "[KAFKA_DATA_LOSS.X] lost"),
            DataError,
            "were deleted",
        ),
    ],
)
def test_causes_are_told_in_words(cause, kind, said):
    found = explained([OUTER, cause], "b:1", "t")
    assert type(found) is kind
    assert said in found.message
    assert found.hint


def test_what_is_not_kafkas_is_left_alone():
    assert explained([OUTER, (TIMEOUT, "Futures timed out")], "b:1", "t") is None
    assert explained([OUTER, ("java.lang.OutOfMemoryError", "heap")], "b:1", "t") is None
    assert explained([], "b:1", "t") is None
