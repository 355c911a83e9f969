"""Addresses of inputs that never end: several hosts, IPv6, any table, and what is refused by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkjobs.errors import UsageError
from sparkjobs.ingest.flows import (
    DeltaFlow,
    KafkaFlow,
    RateFlow,
    flow_among,
    flow_of,
    identity,
    kind_of,
    normalised,
)


@pytest.mark.parametrize(
    ("text", "flow"),
    [
        ("kafka://broker:9092/readings", KafkaFlow(("broker:9092",), "readings")),
        ("KAFKA://A.example:09092,b_1:1/T.x-1_", KafkaFlow(("a.example:9092", "b_1:1"), "T.x-1_")),
        ("kafka://[::1]:9092,[2001:DB8:0::1]:65535/t", KafkaFlow(("[::1]:9092", "[2001:db8::1]:65535"), "t")),
        ("kafka://127.0.0.1:9092,x:1,y:2/t", KafkaFlow(("127.0.0.1:9092", "x:1", "y:2"), "t")),
        ("delta:///lake/t", DeltaFlow("/lake/t")),
        ("delta:///lake/../t/", DeltaFlow("/t")),
        ("delta://s3a://bucket/t/", DeltaFlow("s3a://bucket/t")),
        ("delta://file:///lake/a%20b", DeltaFlow("/lake/a b")),
        ("rate://1", RateFlow(1)),
        ("rate://0100", RateFlow(100)),
    ],
)
def test_addresses(text, flow):
    assert flow_of(text) == flow
    assert flow_of(normalised(text)) == flow
    assert flow_of(str(flow)) == flow


@pytest.mark.parametrize("text", ["/in", "in", "s3a://b/kafka://x", "kafka", "kafka:x", "file:///kafka"])
def test_files_are_no_flows(text):
    assert flow_of(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kafka://", "no topic"),
        ("kafka://b:9092", "no topic"),
        ("kafka://b:9092/", "no topic"),
        ("kafka:///t", "'' is not HOST:PORT"),
        ("kafka://b/t", "'b' is not HOST:PORT"),
        ("kafka://b:/t", "'b:' is not HOST:PORT"),
        ("kafka://b:0/t", "'b:0' is not HOST:PORT"),
        ("kafka://b:65536/t", "'b:65536' is not HOST:PORT"),
        ("kafka://b:9092,/t", "'' is not HOST:PORT"),
        ("kafka://b:9092,,c:1/t", "'' is not HOST:PORT"),
        ("kafka://::1:9092/t", "'::1' is no host"),
        ("kafka://[::1]/t", "is not HOST:PORT"),
        ("kafka://[::g]:1/t", "is no IPv6 address"),
        ("kafka://b c:1/t", "'b c' is no host"),
        ("kafka://b:9092/a/b", "'a/b' is no topic"),
        ("kafka://b:9092/..", "'..' is no topic"),
        ("kafka://b:9092/t?x=1", "is no topic"),
        ("kafka://b:9092/" + "t" * 250, "is no topic"),
        ("delta://", "names no table"),
        ("delta://s3://b/t", "Spark reads S3 by s3a"),
        ("delta://ftp://b/t", "'ftp' is not known"),
        ("rate://", "'' is no number"),
        ("rate://0", "'0' is no number"),
        ("rate://-1", "is no number"),
        ("rate://1.5", "is no number"),
        ("rate://\u0661", "is no number"),
        ("rate://1000000000000", "is no number"),
    ],
)
def test_others_are_refused_by_name(text, said):
    with pytest.raises(UsageError) as refused:
        flow_of(text)
    assert said in refused.value.message
    assert refused.value.hint


def test_a_password_in_an_address_is_refused_and_not_repeated():
    with pytest.raises(UsageError) as refused:
        flow_of("kafka://me:hunter2@b:9092/t")
    assert "hunter2" not in f"{refused.value.message} {refused.value.hint}"


def test_one_flow_stands_alone():
    assert (flow_among(["/a", "/b"]), kind_of(["/a"])) == (None, "files")
    assert (flow_among(["rate://5"]), kind_of(["rate://5"])) == (RateFlow(5), "rate")
    for mixed in (["rate://5", "/in"], ["/in", "kafka://b:1/t"], ["rate://5", "rate://5"]):
        with pytest.raises(UsageError, match="stands beside 1 other"):
            flow_among(mixed)


def test_hosts_are_no_identity_and_topics_are():
    one, other = identity(["kafka://a:1/t"]), identity(["kafka://b:2,c:3/t"])
    assert one == other
    assert one != identity(["kafka://a:1/u"])
    assert identity(["/in", "/more"]) == ("/in", "/more")
    assert identity(["delta:///t"]) == ("delta:///t",)


@given(st.text())
def test_no_text_ends_in_a_riddle(text):
    for scheme in ("kafka", "delta", "rate"):
        try:
            flow = flow_of(f"{scheme}://{text}")
        except UsageError:
            continue
        assert flow is not None
        assert scheme == "delta" or flow_of(str(flow)) == flow
