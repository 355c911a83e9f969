"""Hide secrets before anything is shown, logged or recorded.

Spark's own pattern (``spark.redaction.regex``) covers ``secret|password|token|access key`` and misses account
keys and SAS of Azure, ``credential``, ``passwd``, ``passphrase``, ``api_key`` and URLs that carry a password.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

MASK = "***"
# Also given to Spark, so that its own pages and event log hide the same keys.
KEY_PATTERN = (
    r"(?i)secret|passw(?:or)?d|passphrase|token|credential|api[._-]?key|access[._-]?key|account[._-]?key"
    r"|private[._-]?key|encryption[._-]?key|fs\.azure\.(?:account\.key|sas)|\bsas\b"
)
# Spark looks for the pattern in keys and in values: a URL that carries a password.
URL_PATTERN = r"://[^\s/:@]*:[^\s/@]+@"
_KEY = re.compile(KEY_PATTERN)
_IN_VALUE = re.compile(
    r"(?P<url>[a-z][a-z0-9+.-]*://[^\s/:@]*:)[^\s/@]+(?=@)"
    r"|(?P<pair>(?:AccountKey|SharedAccessSignature|sig|X-Amz-Signature|X-Amz-Credential|password|passwd)=)"
    r"[^&;,\s\"']+"
    r"|(?P<said>\b[\w.-]*(?:secret|passw(?:or)?d|passphrase|(?:api|access|account|private)[._-]?key|[._-]token)"
    r"[\"']?:\s+[\"']?)[^\s\"',;&)}]+"
    r"|(?P<scheme>\bAuthorization\s?[:=]\s?Basic\s+|\bBearer\s+)[\w.~+/=-]{8,}"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    re.IGNORECASE,
)
# ``spark.x.secret=VALUE`` and ``"secretKey": "VALUE"`` anywhere in a text.
_ASSIGNED = re.compile(
    r"""(?P<key>[\w.-]+)(?P<between>["']?\s?=\s?["']?|["']\s?:\s?["'])(?P<value>[^\s"',;&)}]+)"""
)
_SWITCH = re.compile(r"(?i)true|false|")
# A length of time or a count, unless the key ends with what it names: a password may be all digits.
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:ms|s|m|min|h|d)?")
_KEY_AT_END = re.compile(f"(?:{KEY_PATTERN.removeprefix('(?i)')})(?:[._-]?key)?$", re.IGNORECASE)
# Names of classes and files, told by the end of the key: what they name is secret, they are not.
_NAMES = re.compile(r"(?i)(?:provider|providers|class|enabled|path|file|dir|folder|regex|algorithm|renewal)$")


def is_secret(key: str, value: str = "x") -> bool:
    """Whether the value of ``key`` must not be seen."""
    if not _KEY.search(key) or _NAMES.search(key) or _SWITCH.fullmatch(value):
        return False
    return bool(_KEY_AT_END.search(key)) or not _NUMBER.fullmatch(value)


def holds_secret(key: str, value: str) -> bool:
    """Whether anything of a setting must not be seen: its value, or a password inside it."""
    return masked(key, value) != value


def masked(key: str, value: str) -> str:
    """``value`` as it may be shown."""
    return MASK if is_secret(key, value) else masked_text(value)


def masked_text(text: str) -> str:
    """Text without the passwords of its URLs and signatures, and without what is assigned to secret keys."""
    text = _IN_VALUE.sub(_masked_part, text)
    return _ASSIGNED.sub(_masked_assignment, text)


def _masked_part(match: re.Match[str]) -> str:
    return (match["url"] or match["pair"] or match["said"] or match["scheme"] or "") + MASK


def _masked_assignment(match: re.Match[str]) -> str:
    hidden = is_secret(match["key"], match["value"])
    return match["key"] + match["between"] + (MASK if hidden else match["value"])


def masked_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """Settings as they may be shown."""
    return {key: masked(key, value) for key, value in settings.items()}


def masked_argv(argv: Iterable[str]) -> list[str]:
    """An argument list as it may be shown: also ``KEY=VALUE`` and ``--flag VALUE`` with a secret's name."""
    shown: list[str] = []
    secret_follows = False
    for argument in argv:
        shown.append(MASK if secret_follows else _masked_argument(argument))
        secret_follows = argument.startswith("--") and "=" not in argument and is_secret(argument)
    return shown


def _masked_argument(argument: str) -> str:
    key, equals, value = argument.partition("=")
    return f"{key}={masked(key, value)}" if equals else masked_text(argument)
