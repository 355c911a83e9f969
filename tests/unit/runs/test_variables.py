"""Variables of a run reach its driver, and nothing of them is recorded."""

from __future__ import annotations

import stat

from launcher.records.record import Explanation
from launcher.runs.begin import REDACTION, with_variables
from launcher.runs.child import prepare
from launcher.runs.hidden_values import explained_without, result_without, without_values
from launcher.runs.run_request import RunRequest, decode, encode
from launcher.spec.cluster import Cluster
from launcher.spec.config.properties import read_properties
from launcher.spec.layer import Origin

STANDALONE = Cluster(name="s", manager="standalone", address="spark://h:7077", executor_env=True)
GIVEN = {"TOKEN": "canary1", "NOTE": "a long canary", "STAGE": "prod"}


def request(cluster=STANDALONE, **settings) -> RunRequest:
    return RunRequest(
        run_id="r1", job="etl", is_job=False, cluster=cluster, deploy_mode="client", binary="/spark-submit",
        settings={"spark.master": "x", **settings}, main="etl.py", arguments=(), cwd="/",
    )  # fmt: skip


def test_values_go_to_executors_by_a_file_that_only_the_owner_reads(tmp_path):
    sent = decode(encode(with_variables(request(**{"spark.executorEnv.STAGE": "prod"}), GIVEN)))
    assert sent.variables == GIVEN
    prepared = prepare(sent, tmp_path, tmp_path, {})
    assert "canary" not in " ".join(prepared.argv)
    assert prepared.properties is not None
    assert stat.S_IMODE(prepared.properties.stat().st_mode) == 0o600
    read = read_properties(prepared.properties, "p", Origin.PROPERTIES).pins
    assert {pin.key: pin.value for pin in read} == {f"spark.executorEnv.{n}": v for n, v in GIVEN.items()}


def test_spark_hides_what_it_is_given_beside_what_it_hides_already():
    own = with_variables(request(**{REDACTION: "mine"}), {"A_B": "x"}).settings[REDACTION]
    assert own.startswith("mine|")
    assert "A_B" in own


def test_on_this_machine_no_setting_carries_them():
    local = request(Cluster(name="l", manager="local"))
    sent = with_variables(local, GIVEN)
    assert (sent.settings, sent.carried, sent.variables) == (local.settings, {}, GIVEN)
    assert with_variables(local, {}) is local


def test_values_that_may_be_secret_are_masked_and_words_are_not():
    assert without_values("canary1, a long canary, prod", GIVEN) == "***, ***, prod"
    assert without_values("", {"A": ""}) == ""
    found = Explanation("unknown", "E: canary1", "hint", ("x canary1",), ("a long canary",))
    masked = explained_without(found, GIVEN)
    assert masked == Explanation("unknown", "E: ***", "hint", ("x ***",), ("***",))
    result = {"tables": ["canary1"], "error": {"message": "canary1", "hint": None}, "warnings": ["canary1"]}
    expected = {"tables": ["canary1"], "error": {"message": "***", "hint": None}, "warnings": ["***"]}
    assert result_without(result, GIVEN) == expected
    assert result_without({"error": None}, GIVEN) == {"error": None, "warnings": []}
