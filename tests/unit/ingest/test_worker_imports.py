"""A task leaves no zip behind that the next task's invalidate_caches would read again."""

from __future__ import annotations

import importlib
import sys
import zipfile
import zipimport

import pytest

from sparkjobs import workers
from sparkjobs.languages import chinese
from sparkjobs.transforms.exact_median import _Pack, _Reduce
from sparkjobs.transforms.tokens import Tokeniser
from sparkjobs.worker_imports import forget_archives


def test_archives_are_not_read_again_and_are_found_again(tmp_path, monkeypatch):
    path = tmp_path / "code.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("first_of_zip.py", "A = 1")
        archive.writestr("second_of_zip.py", "A = 2")
    monkeypatch.syspath_prepend(str(path))
    assert importlib.import_module("first_of_zip").A == 1
    assert isinstance(sys.path_importer_cache[str(path)], zipimport.zipimporter)
    others = [
        key
        for key, finder in sys.path_importer_cache.items()
        if not isinstance(finder, zipimport.zipimporter)
    ]
    forget_archives()
    assert sorted(sys.path_importer_cache) == sorted(others)
    assert importlib.import_module("second_of_zip").A == 2


@pytest.mark.parametrize(
    "task", [_Pack(1), _Reduce(1, ()), Tokeniser(), chinese._cut_batches, workers._import],
    ids=["pack", "reduce", "tokens", "chinese", "start"],
)  # fmt: skip
def test_tasks_leave_no_archive_behind(task, tmp_path, monkeypatch):
    path = tmp_path / "code.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("first_of_zip.py", "A = 1")
    monkeypatch.setitem(sys.path_importer_cache, str(path), zipimport.zipimporter(str(path)))
    list(task(iter(())))
    assert str(path) not in sys.path_importer_cache
