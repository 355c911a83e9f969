"""Every suite by its name, in the order of running."""

from __future__ import annotations

from collections.abc import Mapping

from bench.model import Suite
from bench.suites import (
    analytics,
    analytics_kernel,
    behaviour,
    partition,
    reading,
    sum_by_key,
    text_features,
    wordcount,
)

SUITES: Mapping[str, Suite] = {
    **sum_by_key.SUITES,
    **reading.SUITES,
    **analytics.SUITES,
    **analytics_kernel.SUITES,
    **partition.SUITES,
    **behaviour.SUITES,
    **text_features.SUITES,
    **wordcount.SUITES,
}
