"""Event logs on an S3 server are found, read, and read back into a run's record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from launcher.records.history.access import Access
from launcher.records.history.kept_files import read_facts
from launcher.records.history.log_source import read_trace_at
from launcher.records.store import RunFolder
from launcher.runs.kept_history import keep_history
from sparkjobs.errors import DataError
from tests.spark.object_store import KEYS, REGION, server
from tests.unit.history.packing import in_frames
from tests.unit.history.test_read_trace import LOG, TASKS, launches
from tests.unit.runs.test_kept_history import record

pytestmark = pytest.mark.process
BUCKET = "history"


@pytest.fixture(scope="module")
def access() -> Iterator[Access]:
    """A server with a folder of logs."""
    with server() as endpoint:
        keys = {
            "aws_access_key_id": KEYS["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": KEYS["AWS_SECRET_ACCESS_KEY"],
        }
        client: Any = boto3.client("s3", endpoint_url=endpoint, region_name=REGION, **keys)
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        lines = LOG.splitlines(keepends=True)
        client.put_object(Bucket=BUCKET, Key="logs/app-1.zstd", Body=in_frames(LOG))
        for number, part in ((1, lines[:9]), (2, lines[9:])):
            client.put_object(
                Bucket=BUCKET, Key=f"logs/eventlog_v2_app-2/events_{number}_app-2", Body=b"".join(part)
            )
        yield Access({**KEYS, "AWS_ENDPOINT_URL": endpoint})


@pytest.mark.parametrize("name", ["app-1.zstd", "eventlog_v2_app-2"])
def test_a_log_on_s3_is_read(name: str, access: Access) -> None:
    found = read_trace_at(f"s3a://{BUCKET}/logs/{name}", access)
    assert launches(found) == [1_000 + n for n in range(TASKS)]
    assert found.lost.why == ()


def test_a_log_that_is_not_there_is_named(access: Access) -> None:
    with pytest.raises(DataError, match=f"s3a://{BUCKET}/logs/app-9"):
        read_trace_at(f"s3a://{BUCKET}/logs/app-9", access)


def test_a_log_that_a_run_wrote_to_s3_is_read_back(access: Access, tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    written = record(f"s3a://{BUCKET}/logs")
    folder.create(written)
    for application in ("app-1", "app-2"):
        history = keep_history(folder, written, application, access)
        assert (history.totals and history.totals.tasks, history.warnings) == (TASKS, ())
    facts = read_facts(folder)
    assert facts is not None
    assert facts.tasks == TASKS
    assert keep_history(folder, written, "app-3", access).warnings[0].startswith("no event log of app-3")
