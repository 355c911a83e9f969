"""Small files put together between batches, so that a table stays as quick to read as on its first day.

Each batch adds files to its tables. Delta's OPTIMIZE writes them anew as fewer, in a commit that changes no
row: readers of the version before keep its files, and whoever follows the table sees nothing new. It runs on
the thread that does the batches, so the stream remains the table's one writer; a kill leaves the version
before it, and the batch, which the tables hold, is passed over when it is repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from sparkjobs import paths
from sparkjobs.jvm import delta_table, delta_table_exists
from sparkjobs.streaming.settings import setting
from sparkjobs.tables.commit import METADATA

if TYPE_CHECKING:
    from sparkjobs.streaming.writing import Batch

_MIB = 1 << 20
# Delta's own sizes of 1 GiB would write a table that is still small as a whole each time. A file that has
# grown to the least size is left alone (DeltaSQLConf.DELTA_OPTIMIZE_MIN_FILE_SIZE).
_SIZES = {
    "spark.databricks.delta.optimize.minFileSize": str(32 * _MIB),
    "spark.databricks.delta.optimize.maxFileSize": str(64 * _MIB),
}


class Compaction:
    """Compacts the tables of one stream every so many batches.

    Args:
        tables: their paths; those that do not exist are left out.
        every: batches from one time to the next; 0 for never.
    """

    def __init__(self, tables: Sequence[str], every: int) -> None:
        self._tables = tuple(tables)
        self._every = every

    def due(self, number: int) -> bool:
        """Whether it follows a batch."""
        return self._every > 0 and (number + 1) % self._every == 0

    def after(self, batch: Batch) -> None:
        """Compact, where it follows this batch."""
        if not self.due(batch.number):
            return
        with ExitStack() as settings:
            for key, value in {**_SIZES, METADATA: batch.identity.metadata()}.items():
                settings.enter_context(setting(batch.spark, key, value))
            for path in self._tables:
                place = paths.hadoop(path)
                if delta_table_exists(batch.spark, place):
                    delta_table(batch.spark, place).optimize().executeCompaction()
