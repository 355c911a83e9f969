"""Whether a stream has begun: until then a slip in its input leaves nothing that refuses the right one."""

from __future__ import annotations

import pytest

from sparkjobs.ingest.storage import S3Settings
from sparkjobs.streaming.checkpoint import Progress
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.sources.opening import has_begun


def test_a_checkpoint_without_anything_of_the_input_has_not_begun(tmp_path):
    folder = Folder(str(tmp_path), S3Settings())
    assert not has_begun(folder, Progress())
    folder.write("sparkjobs.json", "{}")
    assert not has_begun(folder, Progress())
    assert has_begun(folder, Progress(query_id="q"))


@pytest.mark.parametrize("name", ["kafka.json", "delta.json", "rate.json", "arrivals/00000000.jsonl"])
def test_whatever_is_kept_of_the_input_is_a_begin(tmp_path, name):
    folder = Folder(str(tmp_path), S3Settings())
    folder.write(name, '{"list": 0}\n')
    assert has_begun(folder, Progress())
