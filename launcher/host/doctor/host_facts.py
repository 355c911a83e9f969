"""What the doctor knows about the machine, as plain data: checks can be tried without the machine."""

from __future__ import annotations

from dataclasses import dataclass

from launcher.host.java.choose_java import Choice
from launcher.machine import Memory


@dataclass(frozen=True)
class DiskSpace:
    """Free space of one folder that we write to."""

    purpose: str
    path: str
    free_bytes: int


@dataclass(frozen=True)
class JarSetState:
    """How much of one jar set is in the cache; names are file names."""

    name: str
    total: int
    missing: tuple[str, ...]
    wrong: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Everything that the checks look at.

    Attributes:
        platform: ``debian``, ``fedora``, ``macos`` or ``other``.
        java: the Java taken and those passed over.
        java_version: version of the one taken.
        python: version of the running Python.
        venv_works: whether this Python can make virtual environments with pip.
        versions: installed versions by part: ``spark``, ``delta``; absent when not installed.
        version_complaints: what the compatibility table says about them.
        spark_home: the Spark that would be started, and its version (empty: it is no Spark).
        spark_home_origin: ``SPARK_HOME`` or ``pyspark``.
        jars: state of every jar set.
        jar_folder: the jar cache.
        memory: the tightest limit.
        disks: free space.
        hostname: this machine's name and the error of looking it up (empty: it resolves).
    """

    platform: str
    java: Choice
    python: tuple[int, int, int]
    venv_works: bool
    versions: dict[str, str]
    version_complaints: tuple[str, ...]
    spark_home: str
    spark_home_version: str
    spark_home_origin: str
    jars: tuple[JarSetState, ...]
    jar_folder: str
    memory: Memory
    disks: tuple[DiskSpace, ...]
    hostname: str
    hostname_error: str
