"""Secrets and authentication."""

from __future__ import annotations

from collections.abc import Iterator

from launcher.planning.lint.configuration import Configuration
from launcher.planning.lint.rule import Problem, rule
from launcher.planning.lint.values import shown
from launcher.redact import is_secret, masked_text

AUTHENTICATE = "spark.authenticate"
CRYPTO, SASL, SSL = (
    "spark.network.crypto.enabled",
    "spark.authenticate.enableSaslEncryption",
    "spark.ssl.rpc.enabled",
)
DISK = "spark.io.encryption.enabled"
REST, REST_FILTERS = "spark.master.rest.enabled", "spark.master.rest.filters"


@rule(
    "secret-on-command-line",
    "error",
    "Give it by a properties file with mode 0600, by the environment, or by a credential provider.",
)
def secret_in_argv(c: Configuration) -> Iterator[Problem]:
    """A secret stands on the command line, which every user of the machine can read."""
    for key in _secrets(c):
        if c.places.get(key, "").startswith("--"):
            yield Problem((key,), f"the value of {key} is on the command line: any user can list it")


@rule(
    "secret-in-event-log",
    "error",
    "Change the secret; widen spark.redaction.regex, so that Spark hides the key.",
)
def secret_in_log(c: Configuration) -> Iterator[Problem]:
    """A secret stands in the event log, readable for all who can read logs."""
    for key in _secrets(c):
        if c.logged:
            yield Problem((key,), f"the value of {key} is in the event log, not redacted")


@rule("encryption-without-authentication", "error", f"Set {AUTHENTICATE}=true.")
def encrypts_for_anybody(c: Configuration) -> Iterator[Problem]:
    """Encryption between the processes is on and authentication is off."""
    on = tuple(key for key in (CRYPTO, SASL) if c.on(key))
    if on and not c.on(AUTHENTICATE):
        yield Problem((*on, AUTHENTICATE), f"{shown(c, *on, AUTHENTICATE)}: Spark refuses to start")


@rule("authentication-off", "error", f"Set {AUTHENTICATE}=true.")
def no_authentication(c: Configuration) -> Iterator[Problem]:
    """The cluster is to be secure and authentication is off."""
    if c.cluster is not None and c.cluster.secure and not c.on(AUTHENTICATE) and c.manager != "local":
        message = f"profile {c.cluster.name} says secure, but {shown(c, AUTHENTICATE)}"
        yield Problem((AUTHENTICATE,), f"{message}: whoever reaches the ports can run code")


@rule("encryption-off", "warning", f"Set {CRYPTO}=true (or {SSL}=true) and {DISK}=true.")
def no_encryption(c: Configuration) -> Iterator[Problem]:
    """The cluster is to be secure and data goes or lies unencrypted."""
    if c.cluster is None or not c.cluster.secure or c.manager == "local":
        return
    if not any(c.on(key) for key in (CRYPTO, SASL, SSL)):
        yield Problem((CRYPTO, SSL), f"profile {c.cluster.name} says secure, but data goes unencrypted")
    if not c.on(DISK):
        yield Problem(
            (DISK,), f"profile {c.cluster.name} says secure, but {shown(c, DISK)}: shuffle files lie open"
        )


@rule(
    "rest-submission-open", "warning", f"Set {REST}=false, or a filter that authenticates in {REST_FILTERS}."
)
def open_rest(c: Configuration) -> Iterator[Problem]:
    """The master takes applications from anybody over HTTP."""
    if c.on(REST) and not c.get(REST_FILTERS):
        yield Problem((REST,), f"{shown(c, REST)}: who reaches the port runs code as the user of the cluster")


def _secrets(c: Configuration) -> Iterator[str]:
    for key, value in sorted(c.values.items()):
        hidden = "redacted" in value or value.startswith("$") or set(value) <= {"*"}
        if not hidden and (is_secret(key, value) or masked_text(value) != value):
            yield key


RULES = (secret_in_argv, secret_in_log, encrypts_for_anybody, no_authentication, no_encryption, open_rest)
