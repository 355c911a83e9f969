"""A task leaves no zip behind that the next task's invalidate_caches would read again."""

from __future__ import annotations

import importlib
import sys
import zipfile
import zipimport

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
