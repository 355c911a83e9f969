"""What must not be seen is hidden, and what is harmless stays readable."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.redact import (
    MASK,
    holds_secret,
    is_secret,
    masked,
    masked_argv,
    masked_document,
    masked_lines,
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


VARIABLES = ["DB_PASS", "MYPASSWD2", "REDISPASSPROD", "PGPASSWORD", "PASS", "APP_PWD"]
PREFIXES = ["spark.executorEnv", "spark.yarn.appMasterEnv", "spark.kubernetes.driverEnv"]
HARMLESS = [
    "https://host:8080/a@b", "k8s://https://host:6443", "s3a://bucket/a=b/part-0.parquet", "hdfs://nn:8020/x@y",
    "spark.executor.memory=4g", "the first pass took 3 s", "--two-steps 3 --compass north --bypass-cache yes",
    "WARN BypassMergeSortShuffleWriter: pass 2 of 3", "password", "user=anna;Database=sales;Port=1433",
    "Unexpected token: ','", "SecretManager: started", "java.lang.IllegalStateException: a: b",
    "spark.ui.port=4040, spark.app.name=pass-through", '{"name": "daily", "rows": 5}', "at a.B.c(D.java:12)",
    "keyboard=us", "monkey: banana", "PASSENGERS=5", "spark.authenticate.secret.file=/run/secrets/x",
    "committed 3 rows to /lake/passports version 7", "tokens: 12", "max_tokens=4096", "Bearer of bad news: x",
]  # fmt: skip


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_stays_as_it_is(text):
    assert masked_text(text) == text


NAMES = ["password", "db-pass", "pwd", "Pwd", "PASS", "DB_PASS", "dbPass", "client_secret", "apiKey",
         "x.token", "aws_secret_access_key", "AccountKey", "SharedAccessKey", "credentials",
         "passphrase"]  # fmt: skip
# What ends a word ends a bare secret as well; a letter at both ends keeps it apart from what it stands in.
BARE = st.from_regex(r"[A-Za-z]{3}[A-Za-z0-9!#$%*+./:<=>?@^_|~-]{4,12}[A-Za-z]{3}", fullmatch=True)
ANY = st.text(st.characters(exclude_categories=["Cs"]), min_size=4, max_size=20).map(lambda s: f"Zq{s}qZ")
B64 = st.from_regex(r"[A-Za-z0-9_-]{20,40}", fullmatch=True)
WORDS = ["{k}={v}", "{k} = {v}", "--{k} {v}", "--{k}={v}", "a=b;{k}={v};c=d", "?x=1&{k}={v}&y=2",
         "({k}={v})", "spark.my.{k}={v}", "export {k}={v} && run", "user=u,{k}={v},ssl=true",
         "ERROR {k}={v}\n\tat x"]  # fmt: skip
QUOTED = ['{{"{k}": {j}}}', "{k}={j}", '{{"a": [1], "x": {{"{k}" : {j}, "z": 2}}}}', "--{k} {j}", '"{k}":{j}']
URLS = ["redis://anna:{v}@host:6379/0", "redis://:{v}@host",
        "jdbc:oracle:thin:scott/{v}@//host:1521/x", "postgresql+psycopg2://me@corp.com:{v}@db/x",
        "cannot open https://u:{v}@host/p?q=1 (404)"]  # fmt: skip


def hides(text: str, *secrets: str) -> None:
    lines = masked_lines(text.split("\n"))
    for shown in (masked_text(text), masked("spark.x", text), "\n".join(lines), str(masked_document([text]))):
        assert not [secret for secret in secrets if secret in shown], shown


@given(st.sampled_from(NAMES), st.sampled_from(WORDS), BARE)
def test_a_bare_secret_is_hidden_whatever_stands_around(name, rendering, secret):
    hides(rendering.format(k=name, v=secret), secret)


@given(st.sampled_from(NAMES), st.sampled_from(QUOTED), ANY)
def test_a_quoted_secret_is_hidden_to_its_last_letter(name, rendering, secret):
    escaped = json.dumps(secret, ensure_ascii=False)
    text = rendering.format(k=name, j=escaped)
    nested = json.dumps({"line": text}, ensure_ascii=False)
    twice = json.dumps(nested, ensure_ascii=False)
    for shown in (text, nested, twice):
        inner = [secret, escaped[1:-1], json.dumps(escaped[1:-1], ensure_ascii=False)[1:-1]]
        hides(shown, *inner)


@given(st.sampled_from(NAMES), st.text("abc;, }'&", min_size=4).map(lambda s: f"Zq{s}qZ"))
def test_a_secret_in_other_quotes_is_hidden(name, secret):
    hides(f"Row({name}={secret!r}, b=1)", secret)


@given(st.sampled_from(URLS), BARE)
def test_a_password_in_a_url_is_hidden_whatever_it_holds(rendering, secret):
    hides(rendering.format(v=secret.replace("://", ":")), secret)


@given(
    B64, B64, B64, st.sampled_from(["{}", "Bearer {}", "x={}", '{{"a": "{}"}}', "got {}.", "/cb?code={}&x"])
)
def test_a_json_web_token_is_hidden_by_its_looks(head, body, signature, rendering):
    hides(rendering.format(f"eyJ{head}.{body}.{signature}"), body, signature, head)


@given(B64, st.sampled_from(["Authorization: Bearer {}", "Authorization: Basic {}", "authorization: {}",
                             '{{"Authorization": "Token {}"}}', "Cookie: session={}; a=b",
                             "Proxy-Authorization: x {}",
                             "-H 'Authorization: ApiKey {}'"]))  # fmt: skip
def test_what_a_header_carries_is_hidden(secret, rendering):
    hides(rendering.format(secret), secret)


@given(st.lists(B64, min_size=1, max_size=5), st.sampled_from(["", "RSA ", "OPENSSH "]), st.booleans())
def test_a_private_key_is_hidden_with_all_its_lines(lines, kind, finished):
    end = [f"-----END {kind}PRIVATE KEY-----", "after"] if finished else []
    text = "\n".join(["before", f"-----BEGIN {kind}PRIVATE KEY-----", *lines, *end])
    hides(text, *lines)
    hides(json.dumps({"pem": text}), *lines)
    assert masked_text(text).startswith("before\n")
    assert masked_text(text).endswith("after" if finished else MASK)


@given(st.sampled_from(VARIABLES), st.sampled_from(PREFIXES))
def test_variables_of_executors_and_drivers_are_secret_by_part_of_their_name(name, prefix):
    assert is_secret(f"{prefix}.{name}", "hunter2")
    assert not is_secret(f"{prefix}.PWD", "/srv/app")


@given(st.sampled_from(NAMES), ANY, st.sampled_from(["--{}", "-{}"]))
def test_a_secret_of_an_argument_list_is_hidden(name, secret, flag):
    for argv in (
        [flag.format(name), secret],
        [f"{flag.format(name)}={secret}"],
        ["--params", json.dumps({name: secret}, ensure_ascii=False)],
        ["--conf", f"spark.my.{name}={secret}"],
    ):
        shown = masked_argv([*argv, "end"])
        assert secret not in " ".join(shown)
        assert json.dumps(secret, ensure_ascii=False)[1:-1] not in " ".join(shown)
        assert shown[-1] == "end"


@given(st.text())
def test_hiding_twice_hides_no_more(text):
    assert masked_text(masked_text(text)) == masked_text(text)


@pytest.mark.parametrize(
    "text", ["a" * 200_000, "a.b-" * 50_000, "key=" * 50_000, '\\"' * 50_000, "--a" * 50_000]
)
def test_a_long_word_takes_no_time_by_its_square(text):
    masked_text(text)


def test_a_document_keeps_its_shape():
    document = {"a": [1, None, "x"], "token": 3, "db": {"password": "hunter2"}, "t": "redis://u:hunter2@h"}
    shown = {"a": [1, None, "x"], "token": 3, "db": {"password": MASK}, "t": f"redis://u:{MASK}@h"}
    assert masked_document(document) == shown


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
        ("<db><password>hunter2</password><port>1</port>", "<db><password>***</password><port>1</port>"),
        ("<s:Pwd enc='no'>hunter2</s:Pwd>", "<s:Pwd enc='no'>***</s:Pwd>"),
        ("<name>fs.s3a.secret.key</name>\n <value>hunter2</value>",
         "<name>fs.s3a.secret.key</name>\n <value>***</value>"),
        ("<name>fs.s3a.endpoint</name><value>a</value>", "<name>fs.s3a.endpoint</name><value>a</value>"),
        ("<password/> <passwordFile>/a/b</passwordFile>", "<password/> <passwordFile>/a/b</passwordFile>"),
        ("ALTER USER anna PASSWORD 'hunter2' VALID", "ALTER USER anna PASSWORD '***' VALID"),
        ("create user anna identified by \"hunter2\"", "create user anna identified by \"***\""),
        ("run --pw hunter2 --user-pw=hunter2 --pwm 5", "run --pw *** --user-pw=*** --pwm 5"),
        ("SharedAccessSignature=hunter2", "SharedAccessSignature=***"),
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
        (["--pw", "hunter2", "--user-pw", "hunter2"], ["--pw", "***", "--user-pw", "***"]),
        (["--api-key=hunter2"], ["--api-key=***"]),
        (["--input", "redis://u:hunter2@h/"], ["--input", "redis://u:***@h/"]),
        (["--url=redis://u:hunter2@h/"], ["--url=redis://u:***@h/"]),
        (["--executor-memory", "4g", "a=b=c"], ["--executor-memory", "4g", "a=b=c"]),
        (["--password"], ["--password"]),
    ],
)
def test_an_argument_list_is_shown_without_secrets(argv, shown):
    assert masked_argv(argv) == shown
