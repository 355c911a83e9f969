"""Being told to stop: the running batch may finish, no other begins."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

from sparkjobs.interrupts import Interrupted
from sparkjobs.jvm import jvm_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger("sparkjobs")
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class StopRequest:
    """Whether the stream shall stop, since when, and how long it may take.

    Args:
        timeout_s: seconds that the running batch is given.
        clock: monotonic seconds.
    """

    def __init__(self, timeout_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._timeout_s = timeout_s
        self._clock = clock
        self._since: float | None = None
        self._signal: signal.Signals | None = None

    @property
    def requested(self) -> bool:
        """Whether somebody asked."""
        return self._since is not None

    def ask(self, number: signal.Signals) -> None:
        """Ask to stop; a second time means at once."""
        if self._since is None:
            self._since, self._signal = self._clock(), number
        else:
            self._timeout_s = 0

    def enforce(self) -> None:
        """Raise when the time is over.

        Raises:
            Interrupted: with the exit code of the signal that asked.
        """
        if self._since is not None and self._clock() - self._since >= self._timeout_s:
            assert self._signal is not None
            raise Interrupted(self._signal)


@contextmanager
def listening(spark: SparkSession, stop: StopRequest) -> Iterator[None]:
    """Turn the signals that this process, or the driver's JVM, gets into requests inside the block.

    Under spark-submit the JVM is our parent and the one that gets the signal; by default it would
    end with the batch half done.
    """

    def ask(number: int, _: FrameType | None = None) -> None:
        log.info("asked to stop (%s); the running batch may finish", signal.Signals(number).name)
        stop.ask(signal.Signals(number))

    before = _in_python(ask)
    handler = _JvmHandler(ask)
    earlier = _in_jvm(spark, handler)
    try:
        yield
    finally:
        _restore_jvm(spark, earlier)
        for number, previous in before.items():
            signal.signal(number, previous)


def _in_python(ask: Callable[[int, FrameType | None], None]) -> dict[signal.Signals, Any]:
    if threading.current_thread() is not threading.main_thread():
        return {}  # only the main thread can take signals
    return {number: signal.signal(number, ask) for number in _SIGNALS}


class _JvmHandler:
    """The JVM calls this for its signals (py4j makes a Java object of it)."""

    def __init__(self, ask: Callable[[int], None]) -> None:
        self._ask = ask

    def handle(self, number: Any) -> None:
        """Called by the JVM with its Signal."""
        self._ask(int(number.getNumber()))

    class Java:
        """The interface that py4j proxies."""

        implements = ("sun.misc.SignalHandler",)


def _in_jvm(spark: SparkSession, handler: Any) -> dict[str, Any]:
    from pyspark import java_gateway

    start_callbacks: Callable[[Any], None] = java_gateway.ensure_callback_server_started
    start_callbacks(spark.sparkContext._gateway)
    jvm = jvm_of(spark)
    return {name: jvm.sun.misc.Signal.handle(jvm.sun.misc.Signal(name), handler) for name in ("TERM", "HUP")}


def _restore_jvm(spark: SparkSession, earlier: dict[str, Any]) -> None:
    jvm = jvm_of(spark)
    for name, handler in earlier.items():
        jvm.sun.misc.Signal.handle(jvm.sun.misc.Signal(name), handler)
