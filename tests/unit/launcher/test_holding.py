"""A class is found in what jars and folders hold, whatever they are called."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from launcher.host.jars.holding import RAPIDS_PLUGIN, held, holds_rapids

ENTRY = "com/nvidia/spark/SQLPlugin.class"


def jar(folder: Path, name: str, *entries: str) -> str:
    folder.mkdir(exist_ok=True, parents=True)
    with zipfile.ZipFile(folder / name, "w") as archive:
        for entry in entries:
            archive.writestr(entry, b"")
    return str(folder / name)


@pytest.mark.parametrize("key", ["spark.jars", "spark.driver.extraClassPath", "spark.yarn.dist.jars"])
def test_a_jar_of_any_name_is_known_by_its_class(tmp_path: Path, key: str) -> None:
    assert holds_rapids({key: jar(tmp_path, "gpu.jar", ENTRY)}, "", tmp_path) == "yes"
    assert holds_rapids({key: jar(tmp_path, "rapids-4-spark_2.13-26.08.1.jar", "x")}, "", tmp_path) == "no"


def test_folders_and_stars_of_a_class_path_are_looked_through(tmp_path: Path) -> None:
    jar(tmp_path / "lib", "gpu.jar", ENTRY)
    classes = tmp_path / "classes" / ENTRY
    classes.parent.mkdir(parents=True)
    classes.write_bytes(b"")
    for path in ("lib/*", "classes", f"file://{tmp_path}/lib/gpu.jar"):
        assert held(path, RAPIDS_PLUGIN, tmp_path) == "yes"
    assert held("lib", RAPIDS_PLUGIN, tmp_path) == "no"


def test_what_cannot_be_read_from_here_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "broken.jar").write_text("no zip")
    for path in ("s3a://b/gpu.jar", "missing.jar", "broken.jar", "nowhere/*"):
        assert held(path, RAPIDS_PLUGIN, tmp_path) == "unknown"
    assert holds_rapids({"spark.jars": "hdfs:///gpu.jar"}, "", tmp_path) == "unknown"
    assert holds_rapids({"spark.yarn.archive": "hdfs:///all.zip"}, "", tmp_path) == "unknown"


def test_sparks_own_jars_and_coordinates_count_too(tmp_path: Path) -> None:
    jar(tmp_path / "jars", "gpu.jar", ENTRY)
    assert holds_rapids({}, str(tmp_path), tmp_path) == "yes"
    assert holds_rapids({}, "", tmp_path) == "no"
    packages = {"spark.jars.packages": "com.nvidia:rapids-4-spark_2.13:26.08.1"}
    assert holds_rapids(packages, "", tmp_path) == "yes"
