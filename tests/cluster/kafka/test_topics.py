"""Streams from a real broker: every record once, through restarts, losses, transactions and lies."""

from __future__ import annotations

import json
import threading
import time

import pytest

from sparkjobs.streaming.sources.kafka.reading import RecordReader
from tests.cluster.kafka.broker import LOGIN, PASSWORD
from tests.spark.conftest import rows_of


def words_in(table):
    return {row["word"]: row["count"] for row in rows_of(table)}


@pytest.fixture
def stream(run_job, broker, tmp_path):
    """Run a stream of a topic to ``tmp_path/out``."""

    def run(topic, *flags, job="wordcount_stream", address=broker.address):
        source = f"kafka://{address}/{topic}"
        return run_job(job, "--input", source, "--output", tmp_path / "out", *flags)

    return run


def test_every_record_is_read_once_through_restarts_and_new_partitions(stream, broker, tmp_path):
    topic = broker.topic(2)
    broker.put(topic, *[b"all w%d" % (i % 3) for i in range(30)])
    broker.put(topic, b"all\nlines of one record\n", b"", partition=1)
    first = stream(topic, "--max-rows-per-batch", "20")
    assert (first.code, first.result.outcome) == (0, "COMMITTED"), first.result.error
    assert (first.result.rows_read, first.result.rows_accepted) == (32, 32)
    told = [json.loads(line) for line in (tmp_path / "out_checkpoint/progress.jsonl").open()]
    assert [sum(line["lag_by_partition"].values()) for line in told] == [line["lag"] for line in told]
    assert (told[0]["lag"], told[-1]["lag_by_partition"]) == (12, {"0": 0, "1": 0})
    broker.stop()
    broker.start()
    assert stream(topic).result.outcome == "EMPTY"
    broker.grow(topic, 3)
    broker.put(topic, b"all new", partition=2)
    broker.put(topic, b"good", None, b"\xff\xfe", b"\0\0\0\1\2avro", b"all good")
    poison = stream(topic)
    assert poison.code == 1
    assert "3 of 6 rows are bad" in poison.result.error.message
    assert f"kafka://{topic}/0, offset 31: no value" in poison.result.error.message
    again = stream(topic, "--max-bad-rows", "3")
    assert (again.code, again.result.rows_read, again.result.rows_quarantined) == (0, 6, 3), (
        again.result.error
    )
    assert words_in(tmp_path / "out") == {
        "all": 33, "w0": 10, "w1": 10, "w2": 10,
        "lines": 1, "of": 1, "one": 1, "record": 1, "new": 1, "good": 2,
    }  # fmt: skip
    bad = sorted(rows_of(tmp_path / "out_quarantine"), key=lambda row: row["offset"])
    assert [(row["file"], row["line"], row["offset"], row["reason"], row["raw"]) for row in bad] == [
        (f"kafka://{topic}/0", None, 31, "no value: a tombstone", ""),
        (f"kafka://{topic}/0", None, 32, "not UTF-8 (raw is base64)", "//4="),
        (
            f"kafka://{topic}/0",
            None,
            33,
            "a value of a schema registry (schema id 258): Avro and the like are not read",
            "\0\0\0\1\2avro",
        ),
    ]
    broker.delete(topic)
    time.sleep(1)  # the name is free a moment later
    broker.topics -= 1
    assert broker.topic(3) == topic
    anew = stream(topic)
    assert (anew.code, "made anew" in anew.result.error.message) == (1, True), anew.result.error


def test_places_of_records_are_columns_and_the_start_is_pinned(stream, broker, tmp_path):
    topic = broker.topic(1)
    broker.put(topic, b"too early")
    flags = (
        *("--format", "csv", "--columns", "value,name", "--timestamp-column", "kafka_timestamp"),
        *(
            "--key-columns",
            "kafka_key,kafka_partition,kafka_offset,name",
            "--start",
            "latest",
            "--derive",
            "none",
        ),
    )
    assert stream(topic, *flags, job="analytics_stream").result.outcome == "EMPTY"
    with broker.producer() as producer:
        for offset in (1, 2):
            value = b'%d,"a,\nb"\r\n' % offset
            producer.send(topic, value, key=b"k", timestamp_ms=1769817600123 + offset)
    ran = stream(topic, *flags, job="analytics_stream")
    assert ran.result.rows_read == 2, ran.result.error
    rows = sorted(rows_of(tmp_path / "out" / "rows"), key=lambda row: row["kafka_offset"])
    assert [
        (row["kafka_key"], row["kafka_partition"], row["kafka_offset"], row["name"], row["value"])
        for row in rows
    ] == [("k", "0", "1", "a,\nb", 1.0), ("k", "0", "2", "a,\nb", 2.0)]
    assert rows[0]["timestamp"].isoformat() == "2026-01-31T00:00:00.124000+00:00"


def test_the_watermark_is_that_of_the_slowest_partition(stream, broker, tmp_path):
    topic = broker.topic(2)

    def put(partition, *minutes):
        for minute in minutes:
            value = json.dumps({"timestamp": f"2026-01-31T00:{minute:02}:00", "value": minute}).encode()
            broker.put(topic, value, partition=partition)

    flags = ("--format", "jsonl", "--watermark", "10 minutes", "--derive", "none")
    put(0, 10, 50)
    put(1, 20)
    assert stream(topic, *flags, job="analytics_stream").result.rows_late == 0  # the first look: no order
    put(0, 51)
    put(1, 12, 15)  # behind partition 0, and less than ten minutes behind the newest of their own
    ran = stream(topic, *flags, job="analytics_stream")
    assert (ran.result.rows_read, ran.result.rows_late) == (3, 0), ran.result.error
    put(1, 9, 55)
    ran = stream(topic, *flags, job="analytics_stream")
    assert (ran.result.rows_accepted, ran.result.rows_late) == (1, 1), ran.result.error
    (late,) = rows_of(tmp_path / "out_late")
    assert (late["source"], json.loads(late["row"])["value"]) == (f"kafka://{topic}/1", 9.0)


def test_only_committed_records_count(stream, broker, tmp_path):
    topic = broker.topic(1)
    with broker.producer(transactional_id=topic) as producer:
        producer.init_transactions()
        for word, end in ((b"good", producer.commit_transaction), (b"bad", producer.abort_transaction)) * 2:
            producer.begin_transaction()
            for _ in range(3):
                producer.send(topic, word)
            producer.flush()
            end()
        producer.begin_transaction()
        producer.send(topic, b"late")
        producer.flush()
        ran = stream(topic, "--max-rows-per-batch", "4")
        assert (ran.result.rows_read, words_in(tmp_path / "out")) == (6, {"good": 6}), ran.result.error
        producer.commit_transaction()
    ran = stream(topic)
    assert (ran.result.rows_read, words_in(tmp_path / "out")) == (1, {"good": 6, "late": 1}), ran.result.error


def test_records_that_are_gone_end_the_stream_or_are_told(stream, broker, tmp_path):
    topic = broker.topic(1)
    broker.put(topic, *[b"w"] * 4)
    assert stream(topic).result.rows_read == 4
    broker.put(topic, *[b"w"] * 4)
    broker.delete_before(topic, 6)
    refused = stream(topic)
    assert refused.code == 1
    assert f"records 4 to 5 of kafka://{topic}/0 are gone" in refused.result.error.message
    ran = stream(topic, "--data-loss", "ignore")
    assert (ran.result.rows_read, words_in(tmp_path / "out")) == (2, {"w": 6})
    assert "records 4 to 5" in ran.result.warnings[0]


@pytest.mark.parametrize("away_s", [10, pytest.param(120, marks=pytest.mark.slow)])
def test_a_broker_that_is_away_is_waited_for(stream, broker, tmp_path, monkeypatch, away_s):
    topic = broker.topic(1)
    broker.put(topic, b"before")
    real, threads = RecordReader._attempt, []

    def back():
        time.sleep(away_s)
        broker.start()
        if len(threads) == 1:
            broker.put(topic, b"after")

    def attempt(self, batch, ranges):
        # Away when the first batch is to be read, and again when the next look comes.
        if not threads:
            leave()
        reading = real(self, batch, ranges)
        if len(threads) == 1:
            threads[0].join()
            leave()
        return reading

    def leave():
        broker.stop()
        threads.append(threading.Thread(target=back))
        threads[-1].start()

    monkeypatch.setattr(RecordReader, "_attempt", attempt)
    ran = stream(topic, "--trigger", "1 second", "--max-batches", "2", "--max-seconds", 4 * away_s + 200)
    for thread in threads:
        thread.join()
    assert (ran.code, ran.result.rows_read) == (0, 2), ran.result.error
    assert words_in(tmp_path / "out") == {"before": 1, "after": 1}


def test_a_name_and_a_password_open_the_door_and_are_never_told(
    stream, broker, tmp_path, monkeypatch, caplog
):
    topic = broker.topic(1)
    broker.put(topic, b"secret words")
    flags = (
        *("--kafka-option", "security.protocol=SASL_PLAINTEXT", "--kafka-option", "sasl.mechanism=PLAIN"),
        *("--kafka-secret", "sasl.jaas.config=env:LOGIN_OF_READER"),
    )
    wrong = "wrong-sesame-77"
    monkeypatch.setenv("LOGIN_OF_READER", f'{LOGIN} required username="reader" password="{wrong}";')
    refused = stream(topic, *flags, address=broker.guarded)
    assert refused.code == 2
    assert "refuse to read" in refused.result.error.message
    monkeypatch.setenv("LOGIN_OF_READER", f'{LOGIN} required username="reader" password="{PASSWORD}";')
    ran = stream(topic, *flags, address=broker.guarded)
    assert ran.result.rows_read == 1, ran.result.error
    # The same stream by another door: brokers are no identity.
    broker.put(topic, b"words")
    assert stream(topic).result.rows_read == 1
    kept = "".join(path.read_text(errors="replace") for path in tmp_path.rglob("*.json*") if path.is_file())
    for value in (wrong, PASSWORD):
        assert value not in kept + caplog.text + json.dumps([str(refused.result), str(ran.result)])
