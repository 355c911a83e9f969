"""Hide secrets before anything is shown, logged or recorded.

Spark's own pattern (``spark.redaction.regex``) covers ``secret|password|token|access key`` and misses account
keys and SAS of Azure, ``credential``, ``passwd``, ``pass``, ``pwd``, ``api_key``, URLs that carry a password
and tokens that show what they are. Where it is doubtful how far a secret reaches, more is hidden, not less.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

MASK = "***"
# Also given to Spark, so that its own pages and event log hide the same keys: what Java and Python both read.
KEY_PATTERN = (
    r"(?i)secret|passw(?:or)?d|passphrase|passcode|(?<!by)(?<!com)(?<!sur)(?<!tres)pass(?![a-z])|pwd(?![a-z])|(?<![a-z0-9])pw(?![a-z0-9])"
    r"|token|credential|api[._-]?key|access[._-]?key|account[._-]?key|shared[._-]?access[._-]?(?:key(?!name)|signature)"
    r"|private[._-]?key|encryption[._-]?key|fs\.azure\.(?:account\.key|sas)|\bsas\b"
)
_TOKENS = (
    r"(?<![A-Za-z0-9])(?:eyJ[\w-]{6,}(?:\.[\w-]*){1,4}"  # a JSON web token
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|gh[oprsu]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[abeprs]-[\w-]{10,}|dapi[0-9a-f]{32}"
    r"|AIza[\w-]{35})"
)
# A number behind the colon that a path, a query or nothing follows is a port.
_PORT = r"(?!\d{1,5}(?:[/?#\s\"']|$))"
# Spark looks for the patterns in keys and in values: a URL that carries a password, a token by its looks.
URL_PATTERN = rf"://(?:[^\s/:\"'\[]+:{_PORT}|:)[^\s\"']+@|{_TOKENS}"
_NAME = r"[\w.$-]*"
_KEY = re.compile(KEY_PATTERN)
_SECRET_NAME = rf"{_NAME}(?:{KEY_PATTERN.removeprefix('(?i)')}){_NAME}"
_BLOCK = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)", re.S
)
# What a password in a URL may hold: also @ and /, up to the last @ before the next URL begins.
_REST_OF_URL = r"(?:(?!://)[^\s\"'])+(?=@)"
_IN_VALUE = re.compile(
    rf"(?P<url>(?<![a-z0-9+.-])[a-z][a-z0-9+.-]*://(?:[^\s/:\"'\[]+:{_PORT}|:)){_REST_OF_URL}"
    rf"|(?P<oracle>jdbc:oracle:\w+:[^\s/:@\"']+/){_REST_OF_URL}"
    r"|(?P<scheme>\b(?:Proxy-)?Authorization[\"'\\]*\s*[:=]\s*[\"'\\]*(?:[A-Za-z][\w-]*\s+)?)[^\n\"'\\]+"
    r"|(?P<cookie>\b(?:Set-)?Cookie[\"'\\]*:\s*[\"'\\]*)[^\n\"'\\]+"
    r"|(?P<bearer>\bBearer\s+)[\w.~+/=-]{4,}"
    r"|(?P<signed>\b(?:sig|X-Amz-Signature|X-Amz-Credential)=)[^&;,\s\"'\\]+"
    r"|(?P<sql>\b(?:PASSWORD|IDENTIFIED\s+BY)\s+\\*[\"'])[^\"'\\\n]+"
    rf"|{_TOKENS}",
    re.IGNORECASE,
)
# ``<password>VALUE</password>``, and Hadoop's ``<name>fs.s3a.secret.key</name><value>VALUE</value>``.
_ELEMENT = re.compile(
    r"(?P<begin><(?:name>\s*(?P<property>[\w.$-]+)\s*</name>\s*<value|(?P<key>[\w.:-]+)(?:\s[^<>]*)?)>)"
    r"(?P<value>[^<]+)(?=</)"
)
# How far a value reaches: up to the quote that began it, which may itself be escaped, as JSON within JSON is;
# an unfinished one to the end of its line; a list or an object as a whole; else to what ends a word.
_VALUE = (
    r"(?:(?P<quote>\\*[\"'])(?P<quoted>.*?(?<!\\)(?=(?P=quote))|[^\n]*)"
    r"|(?P<grouped>\[[^\]]*\]|\{[^}]*\})"
    r"|(?P<bare>(?:[^\s\"',;&)}\\]|,(?!\s|[\w.-]+=)|[)}](?=\w)|\\(?![\"']))+))"
)
# ``spark.x.secret=VALUE``, ``"secretKey": "VALUE"``, ``Pwd=VALUE;`` anywhere in a text.
_ASSIGNED = re.compile(
    # From the beginning of a word only: else a long word takes time by its square.
    r"(?<![\w.$-])(?P<key>[\w.$-]+)(?P<between>\\*[\"']?\s*=>?\s*|\\*[\"']\s*:\s*|:\s+(?=\S))"
)
_ASSIGNED_VALUE = re.compile(_VALUE, re.DOTALL)
# ``--db-pass VALUE`` within a text.
_FLAG = re.compile(rf"(?P<key>(?<![\w-])--?{_SECRET_NAME})(?P<between>\s+)(?!--?\w){_VALUE}", re.I | re.S)
_SWITCH = re.compile(r"(?i)true|false|none|null|")
# A length of time or a count, unless the key ends with what it names: a password may be all digits.
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:ms|s|m|min|h|d)?")
_KEY_AT_END = re.compile(f"(?:{KEY_PATTERN.removeprefix('(?i)')})(?:[._-]?key)?$", re.IGNORECASE)
# Names of classes and files, told by the end of the key: what they name is secret, they are not.
_NAMES = re.compile(r"(?i)(?:provider|providers|class|enabled|path|file|dir|folder|regex|algorithm|renewal)$")
# ``PASS`` within a word is enough in the name of a variable: MYDBPASSWD2, REDISPASSPROD.
_VARIABLE = re.compile(r"(?:executorEnv|appMasterEnv|driverEnv)\.\w*(?:PASS|PWD)", re.IGNORECASE)
_WORKING_FOLDER = re.compile(r"(?:^|\.)(?:OLD)?PWD$")
# Unexpected token: ','
_TOKEN_BY_ITSELF = re.compile(r"(?i)(?:^|[._-])token$")


def is_secret(key: str, value: str = "x") -> bool:
    """Whether the value of ``key`` must not be seen."""
    if not (_KEY.search(key) or _VARIABLE.search(key)) or _NAMES.search(key) or _SWITCH.fullmatch(value):
        return False
    if _WORKING_FOLDER.search(key) and value.startswith("/"):
        return False
    return bool(_KEY_AT_END.search(key)) or not _NUMBER.fullmatch(value)


def holds_secret(key: str, value: str) -> bool:
    """Whether anything of a setting must not be seen: its value, or a password inside it."""
    return masked(key, value) != value


def masked(key: str, value: str) -> str:
    """``value`` as it may be shown."""
    return MASK if is_secret(key, value) else masked_text(value)


def masked_text(text: str) -> str:
    """Text without keys, tokens, the passwords of its URLs, and what is assigned to secret names."""
    text = _BLOCK.sub(MASK, text)
    text = _IN_VALUE.sub(_masked_part, text)
    text = _ELEMENT.sub(_masked_element, text)
    text = _FLAG.sub(lambda match: f"{match['key']}{match['between']}{match['quote'] or ''}{MASK}", text)
    return _masked_assignments(text)


def _masked_part(match: re.Match[str]) -> str:
    return next(filter(None, match.groups()), "") + MASK


def _masked_element(match: re.Match[str]) -> str:
    secret = is_secret(match["property"] or match["key"].replace(":", "."), match["value"])
    return match["begin"] + (MASK if secret else match["value"])


def _masked_assignments(text: str) -> str:
    """Each assignment in turn; in the value of one that is no secret the search goes on."""
    parts, at = [], 0
    while (name := _ASSIGNED.search(text, at)) is not None:
        parts.append(text[at : name.end()])
        at = name.end()
        found = _ASSIGNED_VALUE.match(text, at) if _may_be_secret(name) else None
        value = (found["quoted"] or found["grouped"] or found["bare"]) if found else None
        if found and value and is_secret(name["key"], value):
            parts.append((found["quote"] or "") + MASK)
            at = found.end()
    return "".join([*parts, text[at:]])


def _may_be_secret(name: re.Match[str]) -> bool:
    # A message about something that is called so is no assignment: SecretManager: started
    after_colon = name["between"].startswith(":")
    if after_colon and (_TOKEN_BY_ITSELF.fullmatch(name["key"]) or not _KEY_AT_END.search(name["key"])):
        return False
    return is_secret(name["key"])


def masked_lines(lines: Sequence[str]) -> tuple[str, ...]:
    """Lines of one text as they may be shown: a key may go over several."""
    return tuple(masked_text("\n".join(lines)).split("\n")) if lines else ()


def masked_document(value: Any) -> Any:
    """A document of JSON as it may be kept: every text in it, and what stands under a secret name."""
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, Mapping):
        return {key: _masked_field(key, part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [masked_document(part) for part in value]
    return value


def _masked_field(key: str, value: Any) -> Any:
    return masked(key, value) if isinstance(value, str) else masked_document(value)


def masked_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """Settings as they may be shown."""
    return {key: masked(key, value) for key, value in settings.items()}


def masked_argv(argv: Iterable[str]) -> list[str]:
    """An argument list as it may be shown: also ``KEY=VALUE`` and ``--flag VALUE`` with a secret's name."""
    shown: list[str] = []
    secret_follows = False
    for argument in argv:
        shown.append(MASK if secret_follows else _masked_argument(argument))
        secret_follows = argument.startswith("-") and "=" not in argument and is_secret(argument)
    return shown


_PAIR = re.compile(r"(?P<key>[\w.$-]+)=(?P<value>.*)", re.DOTALL)


def _masked_argument(argument: str) -> str:
    pair = _PAIR.fullmatch(argument)
    return f"{pair['key']}={masked(pair['key'], pair['value'])}" if pair else masked_text(argument)
