"""Settings of the Kafka client that a user may give: those that are data, never those that run code. Pure.

Names are the client's own (``ConsumerConfig``, ``SaslConfigs``, ``SslConfigs``). What is not on the list is
refused: a login module, a deserializer, an interceptor or a reporter of metrics is a class that the client
loads and runs (CVE-2023-25194 was such a login module).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sparkjobs.errors import UsageError

# Values that must not be seen; they are given by --kafka-secret alone.
SECRET = frozenset(
    {
        "sasl.jaas.config",
        "ssl.key.password",
        "ssl.keystore.key",
        "ssl.keystore.password",
        "ssl.truststore.password",
    }
)
PLAIN = frozenset(
    {
        "check.crcs",
        "client.dns.lookup",
        "client.id",
        "client.rack",
        "connections.max.idle.ms",
        "default.api.timeout.ms",
        "fetch.max.bytes",
        "fetch.max.wait.ms",
        "fetch.min.bytes",
        "group.id",
        "max.partition.fetch.bytes",
        "max.poll.records",
        "metadata.max.age.ms",
        "receive.buffer.bytes",
        "reconnect.backoff.max.ms",
        "reconnect.backoff.ms",
        "request.timeout.ms",
        "retry.backoff.max.ms",
        "retry.backoff.ms",
        "sasl.kerberos.service.name",
        "sasl.mechanism",
        "security.protocol",
        "send.buffer.bytes",
        "socket.connection.setup.timeout.max.ms",
        "socket.connection.setup.timeout.ms",
        "ssl.cipher.suites",
        "ssl.enabled.protocols",
        "ssl.endpoint.identification.algorithm",
        "ssl.keystore.certificate.chain",
        "ssl.keystore.location",
        "ssl.keystore.type",
        "ssl.protocol",
        "ssl.truststore.certificates",
        "ssl.truststore.location",
        "ssl.truststore.type",
    }
)
# What has another place, or is the stream's own business; by the beginning or the whole of the name.
_REFUSED = {
    "bootstrap.servers": "the brokers stand in --input kafka://HOST:PORT/TOPIC",
    "auto.offset.reset": "--start says where a stream begins",
    "enable.auto.commit": "the checkpoint holds what was read",
    "isolation.level": "only committed records are read",
    "key.deserializer": "it names a class that the client would run",
    "value.deserializer": "it names a class that the client would run",
    "interceptor.classes": "it names a class that the client would run",
    "metric.reporters": "it names a class that the client would run",
    "auto.include.jmx.reporter": "it names a class that the client would run",
    "partition.assignment.strategy": "it names a class that the client would run",
    "security.providers": "it names a class that the client would run",
    "ssl.engine.factory.class": "it names a class that the client would run",
    "ssl.provider": "it names a class that the client would run",
    "sasl.client.callback.handler.class": "it names a class that the client would run",
    "sasl.login.": "it names a class that the client would run",
    "sasl.oauthbearer.": "logins by OAuth are not supported",
    "sasl.kerberos.kinit.cmd": "it names a command that the client would run",
    "schema.registry.": "schema registries and Avro are not read; records are text, csv or jsonl",
    "basic.auth.": "schema registries and Avro are not read; records are text, csv or jsonl",
    "specific.avro.reader": "schema registries and Avro are not read; records are text, csv or jsonl",
    "config.providers": "it names a class that the client would run",
}
_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "GSSAPI")
_PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
_CHOICES = {"sasl.mechanism": _MECHANISMS, "security.protocol": _PROTOCOLS}
_MODULES = (
    "org.apache.kafka.common.security.plain.PlainLoginModule",
    "org.apache.kafka.common.security.scram.ScramLoginModule",
    "com.sun.security.auth.module.Krb5LoginModule",
)
# One login module with its options, as JaasConfig parses them.
_JAAS = re.compile(
    r'\s*(?P<module>[\w.$]+)\s+(?:required|requisite|sufficient|optional)(?P<options>(?:\s+[\w.-]+\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s";]+))*)\s*;\s*',
    re.IGNORECASE,
)
_RUNS = re.compile(r"(?:^|\s)(?:\w*callback\w*|\w*handler\w*)\s*=", re.IGNORECASE)


@dataclass(frozen=True)
class Secret:
    """Where a secret value is found: ``env`` and a variable's name, or ``file`` and a path."""

    kind: str
    name: str


@dataclass(frozen=True)
class ClientOptions:
    """What the flags say of the client.

    Attributes:
        plain: values that may be seen.
        secret: where the others are found.
    """

    plain: Mapping[str, str] = field(default_factory=dict)
    secret: Mapping[str, Secret] = field(default_factory=dict)

    def resolved(self, find: Callable[[Secret], str]) -> ClientSettings:
        """The settings with their secrets.

        Args:
            find: gives the value of a secret.

        Raises:
            UsageError: a secret is not there, or is one that runs code; its value is never told.
        """
        found = {name: find(place) for name, place in self.secret.items()}
        if "sasl.jaas.config" in found:
            refuse_modules(found["sasl.jaas.config"])
        return ClientSettings({**self.plain, **found})


@dataclass(frozen=True)
class ClientSettings:
    """Settings for the client. No value shows in a repr."""

    values: Mapping[str, str] = field(repr=False)


def client_options(plain: Sequence[str], secret: Sequence[str]) -> ClientOptions:
    """Read ``--kafka-option`` and ``--kafka-secret``.

    Raises:
        UsageError: names the flag and the setting, never a value.
    """
    pairs = [_pair("--kafka-option", text, "K=V") for text in plain]
    places = [_pair("--kafka-secret", text, "K=env:NAME or K=file:PATH") for text in secret]
    _refuse_twice([name for name, _ in (*pairs, *places)])
    for name, value in pairs:
        _refuse_unknown("--kafka-option", name)
        if name in SECRET:
            raise UsageError(
                f"--kafka-option {name}: its value is secret",
                f"Give it by --kafka-secret {name}=env:NAME or {name}=file:PATH.",
            )
        choices = _CHOICES.get(name)
        if choices is not None and value.upper() not in choices:
            raise UsageError(f"--kafka-option {name}={value} is not known", f"Known: {', '.join(choices)}.")
    for name, _ in places:
        _refuse_unknown("--kafka-secret", name)
    return ClientOptions(dict(pairs), {name: _secret(name, place) for name, place in places})


def refuse_modules(jaas: str) -> None:
    """Refuse a login that would run another class than Kafka's and Java's own.

    Raises:
        UsageError: the value is not told.
    """
    match = _JAAS.fullmatch(jaas)
    known = ", ".join(module.rpartition(".")[2] for module in _MODULES)
    if match is None:
        raise UsageError(
            "--kafka-secret sasl.jaas.config is not one login module with its options",
            'Write MODULE required username="..." password="...";',
        )
    if match["module"] not in _MODULES or _RUNS.search(match["options"]):
        raise UsageError(
            "--kafka-secret sasl.jaas.config names a class that is not allowed: the client would run it",
            f"Allowed: {known}, without handlers.",
        )


def _pair(flag: str, text: str, form: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    name = name.strip().removeprefix("kafka.")
    if not equals or not name:
        # The text may hold a secret that was given the wrong way.
        raise UsageError(f"{flag} is not {form}", f"Write {flag} {form}.")
    return name, value


def _refuse_twice(names: Sequence[str]) -> None:
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise UsageError(f"the setting {double} of the Kafka client is given twice", "Give it once.")


def _refuse_unknown(flag: str, name: str) -> None:
    if name in PLAIN or name in SECRET:
        return
    reason = next((why for begin, why in _REFUSED.items() if _begins(name, begin)), None)
    if reason is not None:
        raise UsageError(f"{flag} {name} is refused: {reason}", None)
    near = difflib.get_close_matches(name, PLAIN | SECRET, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"Allowed: {', '.join(sorted(PLAIN | SECRET))}."
    raise UsageError(f"{flag} {name} is not allowed", hint)


def _begins(name: str, begin: str) -> bool:
    return name.startswith(begin) if begin.endswith(".") else name == begin


def _secret(name: str, place: str) -> Secret:
    kind, colon, where = place.partition(":")
    if not colon or kind not in ("env", "file") or not where:
        raise UsageError(
            f"--kafka-secret {name} does not say where the value is found",
            f"Write {name}=env:NAME or {name}=file:PATH; the value itself stands on no command line.",
        )
    return Secret(kind, where)
