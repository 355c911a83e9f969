"""A topic as a source, with a cluster that is made up: lists, starts, losses, brokers that are away."""

from __future__ import annotations

import signal
from types import SimpleNamespace

import pytest

from sparkjobs.errors import DataError, WriteError
from sparkjobs.ingest.flows import KafkaFlow
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.inspection.inspection import SourceStand
from sparkjobs.streaming.inspection.positions import stands
from sparkjobs.streaming.progress.batch_progress import BatchProgress, Seconds
from sparkjobs.streaming.sources.kafka import reading
from sparkjobs.streaming.sources.kafka.broker import Extent, Topic
from sparkjobs.streaming.sources.kafka.faults import AwayError
from sparkjobs.streaming.sources.kafka.ranges import Range
from sparkjobs.streaming.sources.kafka.reading import PATIENCE_S, RecordReader
from sparkjobs.streaming.sources.kafka.source import KafkaSource
from sparkjobs.streaming.sources.lists import Lists
from sparkjobs.streaming.stop import Stopped, StopRequest


class Cluster:
    """What a broker would answer."""

    def __init__(self, **ends):
        self.id, self.topic_id = "c", "i"
        self.begins = {int(part[1:]): 0 for part in ends}
        self.ends = {int(part[1:]): end for part, end in ends.items()}
        self.away = False

    def cluster(self):
        return self.id

    def topic(self):
        if self.away:
            raise AwayError("no broker answers")
        return Topic(self.topic_id, tuple(sorted(self.ends)))

    def extent(self, partitions):
        if self.away:
            raise AwayError("no broker answers")
        return Extent(dict(self.begins), dict(self.ends))

    def at(self, partitions, moment_ms):
        return {0: moment_ms}


@pytest.fixture
def open_(tmp_path):
    """Open a stream on a cluster, as each run does."""

    def make(cluster, done=0, clock=lambda: 0.0, **flags):
        given = {"start": None, "data_loss": "fail", "max_rows_per_batch": None, "timezone": "UTC"}
        given |= {"trigger": "10 seconds", **flags}
        run = SimpleNamespace(params=SimpleNamespace(**given))
        folder = Folder(str(tmp_path), S3Settings())
        flow = KafkaFlow(("b:1",), "t")
        return KafkaSource(run, flow, cluster, None, folder, Lists(folder), done, clock)

    return make


def listed(source):
    """The ranges on each list, by partition."""
    import json

    lists = [[json.loads(line) for line in source.lists.read(n)] for n in range(source.lists.count)]
    return [{line["partition"]: (line["from"], line["until"]) for line in one} for one in lists]


def test_what_is_new_is_listed_once_over_restarts(open_):
    cluster = Cluster(p0=5, p1=3)
    source = open_(cluster)
    source.look()
    source.look()
    assert listed(source) == [{0: (0, 5), 1: (0, 3)}]
    cluster.ends[1] = 4
    again = open_(cluster, done=1)
    assert again.lag() == {"0": 0, "1": 0}
    again.look()
    assert listed(again)[1:] == [{0: (5, 5), 1: (3, 4)}]
    assert (again.lag(), again.unread()) == ({"0": 0, "1": 1}, {"1"})
    again.taken(again.lists.read(1), ())
    assert (again.lag(), again.unread()) == ({"0": 0, "1": 0}, set())


def test_the_first_batch_is_bound_too(open_):
    source = open_(Cluster(p0=5, p1=3), max_rows_per_batch=3)
    source.look()
    sizes = [sum(end - begin for begin, end in one.values()) for one in listed(source)]
    assert sizes == [3, 3, 2]


def test_the_latest_offsets_are_pinned_though_nothing_is_new(open_):
    cluster = Cluster(p0=5, p1=3)
    source = open_(cluster, start="latest")
    source.look()
    assert source.lists.count == 0
    cluster.ends[0] = 9  # written after a crash that came before the first batch
    again = open_(cluster, start="latest")
    again.look()
    assert listed(again) == [{0: (5, 9), 1: (3, 3)}]


def test_a_moment_and_offsets_begin_where_they_say(open_):
    source = open_(Cluster(p0=5, p1=3), start="1970-01-01T00:00:00.002Z")
    source.look()
    assert listed(source) == [{0: (2, 5), 1: (3, 3)}]


def test_partitions_that_come_later_are_read_from_their_beginning(open_, caplog):
    caplog.set_level("INFO", "sparkjobs")
    cluster = Cluster(p0=5)
    source = open_(cluster, start="latest")
    source.look()
    cluster.begins[1], cluster.ends[1] = 0, 0
    source.look()
    source.look()
    assert caplog.text.count("partitions [1] of t") == 1  # and not at each look until a record comes
    cluster.ends[1] = 2
    source.look()
    assert listed(source) == [{0: (5, 5), 1: (0, 2)}]


def test_a_topic_made_anew_is_refused(open_):
    cluster = Cluster(p0=5)
    open_(cluster).look()
    cluster.topic_id = "j"
    with pytest.raises(WriteError, match="made anew"):
        open_(cluster).look()
    cluster.topic_id, cluster.id = "i", "d"
    with pytest.raises(WriteError, match="belong to the cluster d"):
        open_(cluster).look()
    cluster.id = "c"
    cluster.ends = {}
    with pytest.raises(WriteError, match="no partition 0 any more"):
        open_(cluster).look()


@pytest.mark.parametrize(("begin", "end", "said"), [(7, 9, "records 5 to 6 of"), (0, 4, "records 4 to 4 of")])
def test_records_that_are_gone_end_the_stream_or_are_told(open_, begin, end, said):
    cluster = Cluster(p0=5)
    open_(cluster).look()
    cluster.begins[0], cluster.ends[0] = begin, end
    with pytest.raises(DataError, match=said) as refused:
        open_(cluster, done=1).look()
    assert "--data-loss ignore" in refused.value.hint
    source = open_(cluster, done=1, data_loss="ignore")
    source.look()
    source.look()
    (warning,) = source.warnings
    assert said in warning
    cluster.ends[0] = 10
    source.look()
    assert listed(source)[-1] == {0: (9 if begin else 4, 10)}


def test_a_broker_that_is_away_is_asked_again_until_it_was_away_for_too_long(open_):
    now = [0.0]
    cluster = Cluster(p0=5)
    cluster.away = True
    source = open_(cluster, clock=lambda: now[0])
    with pytest.raises(AwayError):
        source.look()  # it never answered: the address may be wrong
    cluster.away = False
    source.look()
    cluster.away = True
    now[0] = PATIENCE_S - 1
    source.look()
    now[0] = PATIENCE_S
    with pytest.raises(AwayError):
        source.look()
    cluster.away = False
    cluster.ends[0] = 6
    source.look()
    assert listed(source) == [{0: (0, 5)}, {0: (5, 6)}]


def test_a_batch_that_begins_while_lists_are_written_knows_what_is_unread(open_, monkeypatch):
    """Its watermark is that of the slowest of these partitions."""
    cluster = Cluster(p0=5, p1=3)
    source = open_(cluster, max_rows_per_batch=2)
    source.look()
    for number in range(source.lists.count):
        source.taken(source.lists.read(number), ())
    cluster.ends = {0: 8, 1: 6}
    seen, append = [], source.lists.append

    def appended(lines):
        append(lines)
        seen.append(source.unread())

    monkeypatch.setattr(source.lists, "append", appended)
    source.look()
    assert seen == [{"0", "1"}] * 3


def test_what_comes_while_a_batch_runs_late_is_lag_and_no_part_of_the_watermark(open_):
    now = [0.0]
    cluster = Cluster(p0=5, p1=3)
    source = open_(cluster, clock=lambda: now[0])
    source.look()
    source.taken(source.lists.read(0), ())
    cluster.ends[0] = 9
    now[0] = 9.9
    assert (source.lag(), source.unread()) == ({"0": 0, "1": 0}, set())  # the next look is not due yet
    now[0] = 10.0
    assert (source.lag(), source.unread()) == ({"0": 4, "1": 0}, set())
    cluster.away = True
    assert source.lag() == {"0": 0, "1": 0}


def test_a_lost_pin_is_missed(open_, tmp_path):
    cluster = Cluster(p0=5)
    open_(cluster).look()
    (tmp_path / "kafka.json").unlink()
    with pytest.raises(WriteError, match=r"kafka\.json is missing"):
        open_(cluster)


def test_an_inspection_tells_the_offsets_without_a_broker(open_, tmp_path):
    source = open_(Cluster(p0=5, p1=3), start='{"0": 2, "1": 0}', max_rows_per_batch=4)
    where = "kafka:///t"
    source.look()
    lists = source.lists
    folder = Folder(str(tmp_path), S3Settings())
    lags = {"0": 2, "1": 4}
    told = BatchProgress("T", 0, 2, None, Seconds(1, 0, 0, 1, 0, 0), lag=6, lag_by_partition=lags)
    (begun,) = stands(folder, [where], lists, 0, told)
    assert begun == SourceStand("kafka", where, {"0": 2, "1": 0}, 6, lags)
    assert stands(folder, [where], lists, 1) == (SourceStand("kafka", where, {"0": 4, "1": 2}, None),)
    assert stands(folder, [where], lists, 2) == (SourceStand("kafka", where, {"0": 5, "1": 3}, None),)


def test_a_batch_that_waits_for_its_broker_ends_when_the_stream_shall(monkeypatch):
    """Nothing of it is written, so the stream has ended in time."""
    stop, tried = StopRequest(60), []

    def attempt(self, batch, ranges):
        tried.append(ranges)
        if len(tried) == 2:
            stop.ask(signal.SIGTERM)
        raise AwayError("no broker answers")

    monkeypatch.setattr(RecordReader, "_attempt", attempt)
    monkeypatch.setattr(reading.time, "sleep", lambda seconds: None)
    run = SimpleNamespace(params=SimpleNamespace(data_loss="fail"))
    reader = RecordReader(run, None, KafkaFlow(("b:1",), "t"), None, None)
    with pytest.raises(Stopped):
        reader.read(SimpleNamespace(stop=stop), [Range(0, 5, 7)])
    assert tried == [[Range(0, 5, 7)]] * 2
