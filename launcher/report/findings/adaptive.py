"""Whether adaptive execution was on, which its version decides where nobody did."""

from __future__ import annotations

from launcher.advice.allocation.allocation_settings import version_of
from launcher.report.view.run_view import RunView

AQE = "spark.sql.adaptive.enabled"
# SPARK-33679
_BY_DEFAULT = (3, 2)


def is_adaptive(view: RunView) -> bool:
    """Whether Spark changed plans while they ran."""
    return view.is_on(AQE, default=version_of(view.trace.spark) >= _BY_DEFAULT)
