"""Settings of the Kafka client: data is allowed, what runs code is refused, and no value is ever told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkjobs import catalogue, params
from sparkjobs.errors import UsageError
from sparkjobs.streaming.sources.kafka.options import (
    PLAIN,
    SECRET,
    ClientOptions,
    Secret,
    client_options,
    refuse_modules,
)
from sparkjobs.streaming.sources.kafka.secrets import find_secret

PLAIN_LOGIN = (
    'org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="p;\\"q";'
)


def test_data_is_taken_with_and_without_sparks_prefix():
    options = client_options(["client.id=a=b", "kafka.fetch.max.bytes=5"], ["ssl.key.password=env:P"])
    assert options == ClientOptions(
        {"client.id": "a=b", "fetch.max.bytes": "5"}, {"ssl.key.password": Secret("env", "P")}
    )
    settings = options.resolved(lambda secret: f"value of {secret.name}")
    assert settings.values == {"client.id": "a=b", "fetch.max.bytes": "5", "ssl.key.password": "value of P"}
    assert "value of P" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("value.deserializer", "a class that the client would run"),
        ("kafka.key.deserializer", "a class that the client would run"),
        ("interceptor.classes", "a class that the client would run"),
        ("metric.reporters", "a class that the client would run"),
        ("sasl.login.callback.handler.class", "a class that the client would run"),
        ("sasl.client.callback.handler.class", "a class that the client would run"),
        ("ssl.engine.factory.class", "a class that the client would run"),
        ("security.providers", "a class that the client would run"),
        ("config.providers", "a class that the client would run"),
        ("sasl.kerberos.kinit.cmd", "a command"),
        ("sasl.oauthbearer.token.endpoint.url", "OAuth"),
        ("schema.registry.url", "schema registries and Avro are not read"),
        ("bootstrap.servers", "--input kafka://"),
        ("auto.offset.reset", "--start"),
        ("isolation.level", "committed"),
        ("sasl.jaas.config", "its value is secret"),
        ("nothing.known", "is not allowed"),
    ],
)
def test_what_runs_code_or_has_another_place_is_refused_by_name(name, said):
    with pytest.raises(UsageError) as refused:
        client_options([f"{name}=com.example.Evil"], [])
    assert name.removeprefix("kafka.") in refused.value.message
    assert said in refused.value.message
    assert "com.example.Evil" not in f"{refused.value.message} {refused.value.hint}"


def test_a_slip_names_the_nearest():
    with pytest.raises(UsageError) as refused:
        client_options(["clientid=x"], [])
    assert refused.value.hint == "Did you mean client.id?"


@pytest.mark.parametrize(
    "given_",
    [
        (["client.id=a", "client.id=b"], []),
        (["ssl.keystore.location=a"], ["ssl.keystore.location=env:B"]),
    ],
)
def test_a_setting_is_given_once(given_):
    with pytest.raises(UsageError, match="given twice"):
        client_options(*given_)


@pytest.mark.parametrize("text", ["sasl.jaas.config=hunter2", "sasl.jaas.config", "hunter2", "=hunter2"])
def test_a_secret_given_as_itself_is_refused_and_not_repeated(text):
    job = catalogue.get("wordcount_stream")
    argv = ["--input", "kafka://b:1/t", "--output", "/o", "--kafka-secret", text]
    with pytest.raises(UsageError) as refused:
        params.parse(job.params, argv)
    assert "hunter2" not in f"{refused.value.message} {refused.value.hint}"
    assert "--kafka-secret" in refused.value.message


@pytest.mark.parametrize("pair", ["security.protocol=PLAIN", "sasl.mechanism=OAUTHBEARER"])
def test_values_that_are_not_known_are_refused(pair):
    with pytest.raises(UsageError, match="is not known"):
        client_options([pair], [])


def test_logins_of_kafka_and_java_are_allowed():
    refuse_modules(PLAIN_LOGIN)
    refuse_modules(
        "org.apache.kafka.common.security.scram.ScramLoginModule required\n username=u\n password='p';"
    )
    refuse_modules(
        'com.sun.security.auth.module.Krb5LoginModule required useKeyTab=true keyTab="/k" principal="a@B";'
    )


@pytest.mark.parametrize(
    "jaas",
    [
        'com.sun.security.auth.module.JndiLoginModule required user.provider.url="ldap://evil";',
        f"{PLAIN_LOGIN} com.sun.security.auth.module.JndiLoginModule required;",
        "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;",
        'org.apache.kafka.common.security.plain.PlainLoginModule required callbackHandler="x.Y";',
        PLAIN_LOGIN.rstrip(";"),
        "hunter2",
        "",
    ],
)
def test_other_logins_are_refused_and_not_repeated(jaas):
    options = client_options([], ["sasl.jaas.config=env:J"])
    with pytest.raises(UsageError) as refused:
        options.resolved(lambda _: jaas)
    assert "sasl.jaas.config" in refused.value.message
    for part in ("hunter2", "ldap", 'password="p'):
        assert part not in f"{refused.value.message} {refused.value.hint}"


def test_secrets_are_found_in_variables_and_files(tmp_path, monkeypatch):
    monkeypatch.setenv("MY_LOGIN", "a value\n")
    assert find_secret(Secret("env", "MY_LOGIN")) == "a value\n"
    (tmp_path / "s").write_text("from a file\r\n")
    assert find_secret(Secret("file", str(tmp_path / "s"))) == "from a file"
    monkeypatch.delenv("MY_LOGIN")
    with pytest.raises(UsageError, match="MY_LOGIN is not set"):
        find_secret(Secret("env", "MY_LOGIN"))
    with pytest.raises(UsageError, match="No such file"):
        find_secret(Secret("file", str(tmp_path / "t")))
    (tmp_path / "s").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="not UTF-8"):
        find_secret(Secret("file", str(tmp_path / "s")))


@given(st.text(), st.text())
def test_no_setting_beyond_the_list_gets_through(name, value):
    for flag in (0, 1):
        given_ = [[], []]
        given_[flag] = [f"{name}={value}"]
        try:
            options = client_options(*given_)
        except UsageError:
            continue
        assert {*options.plain, *options.secret} <= PLAIN | SECRET
        assert not SECRET & {*options.plain}
