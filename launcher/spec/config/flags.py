"""spark-submit's own flags: which Spark key each sets, and how a whole command line is read. Pure.

The table is that of Spark 4.0 (``SparkSubmitOptionParser`` and the ``confKey`` of ``SparkSubmit``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from launcher.spec.config.faults import did_you_mean
from launcher.spec.layer import Origin, Pin
from sparkjobs.errors import UsageError

SPARK_KEY = re.compile(r"spark\.[^\s=]+")
_EQUALS = re.compile(r"(--[^=]+)=(.+)", re.DOTALL)
CONF = "--conf"


@dataclass(frozen=True)
class Option:
    """One flag of spark-submit.

    Attributes:
        flag: such as ``--executor-memory``.
        key: the Spark key that it sets; ``None`` for a flag that no key stands for.
        metavar: what stands for its value in a help; empty for a switch, which takes none.
        help: one line for people.
        short: its short form.
    """

    flag: str
    key: str | None
    metavar: str
    help: str
    short: str | None = None

    @property
    def name(self) -> str:
        """Its key in YAML and its parameter in Python: ``executor_memory``."""
        return self.flag.removeprefix("--").replace("-", "_")

    @property
    def switch(self) -> bool:
        """Whether it takes no value."""
        return not self.metavar


OPTIONS: tuple[Option, ...] = (
    Option("--master", "spark.master", "URL", "spark://HOST:PORT, yarn, k8s://URL, local[N]"),
    Option("--deploy-mode", "spark.submit.deployMode", "client|cluster", "where the driver runs"),
    Option("--name", "spark.app.name", "NAME", "name of the application"),
    Option("--executor-memory", "spark.executor.memory", "SIZE", "heap of one executor"),
    Option("--executor-cores", "spark.executor.cores", "N", "cores of one executor"),
    Option("--num-executors", "spark.executor.instances", "N", "number of executors"),
    Option("--total-executor-cores", "spark.cores.max", "N", "cores of all executors (standalone)"),
    Option("--driver-memory", "spark.driver.memory", "SIZE", "heap of the driver"),
    Option("--driver-cores", "spark.driver.cores", "N", "cores of the driver in cluster mode"),
    Option("--queue", "spark.yarn.queue", "NAME", "queue of YARN"),
    Option("--py-files", "spark.submit.pyFiles", "LIST", ".py, .zip and .egg files for the Python path"),
    Option("--files", "spark.files", "LIST", "files for the working folder of each executor"),
    Option("--archives", "spark.archives", "LIST", "archives unpacked there; FILE#NAME names the folder"),
    Option("--jars", "spark.jars", "LIST", "jars for the class path"),
    Option("--packages", "spark.jars.packages", "LIST", "jars by Maven coordinate"),
    Option("--exclude-packages", "spark.jars.excludes", "LIST", "GROUP:ARTIFACT left out of --packages"),
    Option("--repositories", "spark.jars.repositories", "LIST", "more repositories for --packages"),
    Option("--driver-class-path", "spark.driver.extraClassPath", "PATH", "more class path for the driver"),
    Option("--driver-java-options", "spark.driver.extraJavaOptions", "TEXT", "JVM options of the driver"),
    Option(
        "--driver-library-path", "spark.driver.extraLibraryPath", "PATH", "native libraries of the driver"
    ),
    Option("--principal", "spark.kerberos.principal", "NAME", "Kerberos principal"),
    Option("--keytab", "spark.kerberos.keytab", "FILE", "its keytab"),
    Option("--supervise", "spark.driver.supervise", "", "start a failed driver again (standalone, JVM only)"),
    Option("--proxy-user", None, "NAME", "user to act for"),
    Option("--class", None, "NAME", "main class of a JVM application"),
    Option(CONF, None, "KEY=VALUE", "any Spark setting", short="-c"),
    Option("--properties-file", None, "FILE", "settings from this file in place of spark-defaults.conf"),
    Option("--load-spark-defaults", None, "", "read spark-defaults.conf beside --properties-file"),
    Option("--verbose", None, "", "more output", short="-v"),
    Option("--remote", "spark.remote", "URL", "a Spark Connect server"),
    Option(
        "--driver-default-class-path",
        "spark.driver.defaultExtraClassPath",
        "PATH",
        "class path of last resort",
    ),
    Option("--kill", None, "ID", "end a driver in place of submitting"),
    Option("--status", None, "ID", "ask for a driver in place of submitting"),
    Option("--help", None, "", "spark-submit's help", short="-h"),
    Option("--version", None, "", "Spark's version"),
    Option("--usage-error", None, "", "used by Spark's own scripts"),
)
# What plan and run take as pins; each has a Spark key.
_NO_PINS = ("--remote", "--driver-default-class-path")  # no Spark Connect; not in spark-submit's help
PIN_OPTIONS = tuple(option for option in OPTIONS if option.key is not None and option.flag not in _NO_PINS)
_BY_FLAG = {flag: option for option in OPTIONS for flag in (option.flag, option.short) if flag}
_NO_SUBMIT = {"--kill", "--status", "--help", "--version", "--usage-error"}


@dataclass(frozen=True)
class SubmitLine:
    """A command line of spark-submit.

    Attributes:
        pins: the settings it asks for, in rising precedence: ``--conf``, then the flags of their own.
        application: the script or jar; empty when the line submits nothing.
        arguments: what follows it.
        options: flags that no Spark key stands for, with their values (of a switch ``"true"``).
        ignored: ``--conf`` pairs that Spark passes over, because their key does not begin with ``spark.``.
    """

    pins: tuple[Pin, ...]
    application: str
    arguments: tuple[str, ...]
    options: Mapping[str, str]
    ignored: tuple[str, ...] = ()

    @property
    def submits(self) -> bool:
        """Whether it starts an application; ``--kill``, ``--status``, ``--version`` and help do not."""
        return not _NO_SUBMIT & self.options.keys()


def pin_of(option: Option, value: str) -> Pin:
    """The pin of a flag that has a Spark key."""
    assert option.key is not None
    return Pin(option.key, value, Origin.FLAG, option.flag)


def conf_pin(text: str) -> Pin:
    """The pin of ``--conf KEY=VALUE``.

    Raises:
        UsageError: no ``=``, or a key that Spark would pass over.
    """
    key, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"--conf {text!r} has no '='", "Write --conf KEY=VALUE.")
    if not SPARK_KEY.fullmatch(key):
        raise UsageError(f"--conf {key!r} is no Spark key", "Spark reads keys that begin with 'spark.'.")
    return Pin(key, value, Origin.FLAG, CONF)


def flag_pins(values: Mapping[str, str | bool | None], confs: Iterable[str] = ()) -> tuple[Pin, ...]:
    """Pins of flags that a command of ours was given.

    Args:
        values: by the option's ``name``; ``None`` and ``False`` = not given.
        confs: the ``KEY=VALUE`` of each ``--conf``.

    Raises:
        UsageError: a wrong ``--conf``.
    """
    given = [(option, values.get(option.name)) for option in PIN_OPTIONS]
    own = [
        pin_of(option, "true" if value is True else str(value)) for option, value in given if _is_given(value)
    ]
    return (*map(conf_pin, confs), *own)


def parse_spark_submit(argv: Sequence[str]) -> SubmitLine:
    """Read what follows ``spark-submit`` on a command line, by spark-submit's own rules.

    ``--flag value`` or ``--flag=value``; the flags end at the first word that is none: the application.
    What follows that belongs to it.

    Raises:
        UsageError: an unknown flag, a missing value, ``--conf`` without ``=``, or no application.
    """
    given: list[tuple[Option, str]] = []
    rest = list(argv)
    while rest and rest[0].startswith("-"):
        given.append(_take(rest))
    line = _line(given, rest)
    if line.submits and not line.application:
        raise UsageError("the command line names no application", "Put a .py file after the flags.")
    return line


def _take(rest: list[str]) -> tuple[Option, str]:
    word = rest.pop(0)
    match = _EQUALS.fullmatch(word)
    flag, value = match.groups() if match else (word, None)
    option = _BY_FLAG.get(flag)
    if option is None:
        raise UsageError(f"spark-submit has no flag {flag}{did_you_mean(flag, _BY_FLAG)}")
    if option.switch and value is not None:
        raise UsageError(
            f"{flag} takes no value, and {value!r} was given", f"Write {flag} alone, or leave it."
        )
    if option.switch:
        return option, "true"
    if value is None and not rest:
        raise UsageError(f"{flag} needs a value", f"Write {flag} {option.metavar}.")
    return option, rest.pop(0) if value is None else value


def _line(given: Sequence[tuple[Option, str]], rest: Sequence[str]) -> SubmitLine:
    confs = [value for option, value in given if option.flag == CONF]
    read = [text for text in confs if "=" not in text or SPARK_KEY.fullmatch(text.partition("=")[0])]
    return SubmitLine(
        pins=(*map(conf_pin, read), *(pin_of(option, value) for option, value in given if option.key)),
        application=rest[0] if rest else "",
        arguments=tuple(rest[1:]),
        options={option.flag: value for option, value in given if not option.key and option.flag != CONF},
        ignored=tuple(text for text in confs if text not in read),
    )


def _is_given(value: str | bool | None) -> bool:
    return value is not None and value is not False
