"""Being told to stop: the running batch may finish, no other begins."""

from __future__ import annotations

import logging
import math
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sparkjobs.interrupts import Interrupted, handling, heeded
from sparkjobs.jvm import jvm_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger("sparkjobs")
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
# Who signals a group of processes (a terminal, timeout, a cgroup) reaches Python and the JVM: one request,
# told twice. So long, in seconds, what comes is no second one.
_ONE_REQUEST_S = 2.0


class Stopped(Exception):
    """Raised instead of beginning a batch, or of waiting on in one, because the stream was asked to stop."""


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
        self._finish_at = math.inf

    @property
    def requested(self) -> bool:
        """Whether somebody asked, or its time has come."""
        return self._since is not None or self._clock() >= self._finish_at

    def finish_at(self, moment_s: float) -> None:
        """Begin no batch from a moment of the clock on; the one that runs then has all its time."""
        self._finish_at = min(self._finish_at, moment_s)

    def finish(self) -> None:
        """Begin no batch any more."""
        self.finish_at(-math.inf)

    def ask(self, number: signal.Signals) -> None:
        """Ask to stop; a second time means at once, unless it comes with the first."""
        if self._since is None:
            self._since, self._signal = self._clock(), number
        elif self._clock() - self._since >= _ONE_REQUEST_S:
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

    def ask(number: signal.Signals) -> None:
        log.info("asked to stop (%s); the running batch may finish", number.name)
        stop.ask(number)

    with handling(_SIGNALS, ask), _handling_in_jvm(spark, ask):
        yield


@contextmanager
def _handling_in_jvm(spark: SparkSession, ask: Callable[[signal.Signals], None]) -> Iterator[None]:
    earlier = _in_jvm(spark, _JvmHandler(ask))
    try:
        yield
    finally:
        _restore_jvm(spark, earlier)


class _JvmHandler:
    """The JVM calls this for its signals (py4j makes a Java object of it)."""

    def __init__(self, ask: Callable[[signal.Signals], None]) -> None:
        self._ask = ask

    def handle(self, number: Any) -> None:
        """Called by the JVM with its Signal."""
        self._ask(signal.Signals(int(number.getNumber())))

    class Java:
        """The interface that py4j proxies."""

        implements = ("sun.misc.SignalHandler",)


def _in_jvm(spark: SparkSession, handler: Any) -> dict[str, Any]:
    from pyspark import java_gateway

    # The JVM calls Python back only through a server on our side, which pyspark starts late (in
    # foreachBatch).
    start_callbacks: Callable[[Any], None] = java_gateway.ensure_callback_server_started
    start_callbacks(spark.sparkContext._gateway)
    jvm = jvm_of(spark)
    # The JVM is our parent under spark-submit, and ignores a hang-up where we do.
    names = [number.name.removeprefix("SIG") for number in _SIGNALS if heeded(number)]
    # In place of the JVM's own handler, which would begin Spark's shutdown hooks (ShutdownHookManager) at
    # once.
    return {name: jvm.sun.misc.Signal.handle(jvm.sun.misc.Signal(name), handler) for name in names}


def _restore_jvm(spark: SparkSession, earlier: dict[str, Any]) -> None:
    jvm = jvm_of(spark)
    for name, handler in earlier.items():
        jvm.sun.misc.Signal.handle(jvm.sun.misc.Signal(name), handler)
