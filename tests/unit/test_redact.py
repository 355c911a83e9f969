"""What must not be seen is hidden, and what is harmless stays readable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.redact import (
    MASK,
    holds_secret,
    is_secret,
    masked,
    masked_argv,
    masked_settings,
    masked_text,
)

SECRET_KEYS = [
    "spark.hadoop.fs.s3a.secret.key", "spark.hadoop.fs.s3a.bucket.b.access.key",
    "spark.hadoop.fs.s3a.session.token", "spark.ssl.keyPassword", "spark.ssl.keyStorePassword",
    "spark.authenticate.secret", "spark.hadoop.javax.jdo.option.ConnectionPassword",
    "spark.hadoop.fs.azure.account.key.a.dfs.core.windows.net", "spark.executorEnv.AWS_SECRET_ACCESS_KEY",
    "spark.hadoop.fs.azure.sas.c.a.blob.core.windows.net", "spark.my.api_key", "spark.my.apiKey",
    "spark.my.passphrase", "spark.my.passwd", "spark.kubernetes.authenticate.submission.oauthToken",
    "spark.my.private-key", "spark.hadoop.google.cloud.auth.service.account.private.key",
]  # fmt: skip
OPEN_KEYS = [
    "spark.executor.memory", "spark.hadoop.fs.s3a.endpoint", "spark.kubernetes.container.image",
    "spark.hadoop.fs.s3a.aws.credentials.provider", "spark.authenticate.secret.file",
    "spark.hadoop.hadoop.security.credential.provider.path", "spark.kerberos.keytab",
    "spark.sql.adaptive.enabled", "spark.databricks.delta.snapshotPartitions", "spark.ui.port",
]  # fmt: skip


@pytest.mark.parametrize("key", SECRET_KEYS)
def test_values_of_these_keys_are_hidden(key):
    assert is_secret(key, "hunter2")
    assert masked(key, "hunter2") == MASK


@pytest.mark.parametrize("key", OPEN_KEYS)
def test_values_of_these_keys_are_shown(key):
    assert masked(key, "some-value") == "some-value"


@pytest.mark.parametrize("key", ["spark.my.password", "spark.hadoop.fs.s3a.secret.key", "spark.x.token"])
def test_a_secret_of_digits_is_one(key):
    assert masked(key, "84736251") == MASK


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Authorization: Bearer C4N4RYbear", "Authorization: Bearer ***"),
        ("Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic ***"),
        ("secret: 'C4N4RY', api-key: C4N4RY", "secret: '***', api-key: ***"),
        ("X-Api-Key: C4N4RY and auth_token: C4N4RY", "X-Api-Key: *** and auth_token: ***"),
        ("denied for AKIAIOSFODNN7EXAMPLE", "denied for ***"),
        ("Unexpected token: ','", "Unexpected token: ','"),
        ("SecretManager: started", "SecretManager: started"),
    ],
)
def test_what_an_error_says_of_a_secret_is_hidden(text, shown):
    assert masked_text(text) == shown


@pytest.mark.parametrize("value", ["true", "FALSE", "60s", "3", "1.5", ""])
def test_switches_and_numbers_tell_no_secret(value):
    assert masked("spark.my.token.renew", value) == value


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("redis://user:hunter2@host:6379/0", "redis://user:***@host:6379/0"),
        ("redis://:hunter2@host:6379", "redis://:***@host:6379"),
        ("jdbc:postgresql://h/db?user=u&password=hunter2&x=1", "jdbc:postgresql://h/db?user=u&password=***&x=1"),
        ("Endpoint=https://a;AccountKey=hunter2==;x=1", "Endpoint=https://a;AccountKey=***;x=1"),
        ("https://a.blob/x?sv=1&sig=hunter2%3D&se=2", "https://a.blob/x?sv=1&sig=***&se=2"),
        ("https://s3/x?X-Amz-Signature=hunter2&X-Amz-Date=1", "https://s3/x?X-Amz-Signature=***&X-Amz-Date=1"),
        ("https://host:8080/a@b", "https://host:8080/a@b"),
        ("k8s://https://host:6443", "k8s://https://host:6443"),
    ],
)  # fmt: skip
def test_passwords_inside_a_text_are_hidden_and_the_rest_stays(text, shown):
    assert masked_text(text) == shown
    assert masked("spark.x", text) == shown
    assert holds_secret("spark.x", text) == (shown != text)


@given(st.sampled_from(SECRET_KEYS), st.text(min_size=8).filter(lambda text: not is_secret("x", text)))
def test_settings_are_shown_without_any_secret(key, value):
    if not is_secret(key, value):  # a number or a switch
        return
    assert value not in str(masked_settings({key: value, "spark.x": "1"}))
    assert masked_settings({"spark.x": value}) == {"spark.x": masked_text(value)}


@pytest.mark.parametrize(
    ("argv", "shown"),
    [
        (["--conf", "spark.my.password=hunter2"], ["--conf", "spark.my.password=***"]),
        (["--password", "hunter2", "next"], ["--password", "***", "next"]),
        (["--api-key=hunter2"], ["--api-key=***"]),
        (["--input", "redis://u:hunter2@h/"], ["--input", "redis://u:***@h/"]),
        (["--url=redis://u:hunter2@h/"], ["--url=redis://u:***@h/"]),
        (["--executor-memory", "4g", "a=b=c"], ["--executor-memory", "4g", "a=b=c"]),
        (["--password"], ["--password"]),
    ],
)
def test_an_argument_list_is_shown_without_secrets(argv, shown):
    assert masked_argv(argv) == shown
