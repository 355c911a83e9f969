"""Whether a class is in the jars and folders of a class path, by what they hold and not by their names."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

Held = Literal["yes", "no", "unknown"]
RAPIDS_PLUGIN = "com.nvidia.spark.SQLPlugin"
LISTS = ("spark.jars", "spark.yarn.dist.jars", "spark.repl.local.jars", "spark.yarn.jars")
PATHS = ("spark.driver.extraClassPath", "spark.executor.extraClassPath")
# What is unpacked or resolved elsewhere can hold anything.
ELSEWHERE = ("spark.yarn.archive",)


def holds_rapids(values: Mapping[str, str], spark_home: str, start: Path) -> Held:
    """Whether a jar that is named, or one of Spark's own folder, holds the plugin of RAPIDS.

    Args:
        values: the settings.
        spark_home: the Spark whose folder of jars is looked through last; empty when there is none.
        start: folder that relative paths are looked for in.

    Returns:
        ``unknown`` when none was found and one of them cannot be read from here.
    """
    if "rapids-4-spark" in values.get("spark.jars.packages", ""):
        return "yes"
    named = [*_named(values)]
    found = {held(path, RAPIDS_PLUGIN, start) for path in named}
    if "yes" in found:
        return "yes"
    own = sorted((Path(spark_home) / "jars").glob("*.jar")) if spark_home else []
    if any(held(str(jar), RAPIDS_PLUGIN, start) == "yes" for jar in own):
        return "yes"
    return "unknown" if "unknown" in found or any(key in values for key in ELSEWHERE) else "no"


def held(path: str, name: str, start: Path) -> Held:
    """Whether one jar, folder, or ``folder/*`` of a class path holds a class.

    Args:
        path: as it is named; a URL of another scheme than file cannot be read from here.
        name: the class with its package.
        start: folder that a relative path is looked for in.
    """
    url = urlsplit(path)
    if url.scheme not in ("", "file", "local"):
        return "unknown"
    file = start / unquote(url.path)
    entry = f"{name.replace('.', '/')}.class"
    if file.name == "*":
        each = (
            {_in_jar(jar, entry) for jar in file.parent.glob("*.jar")}
            if file.parent.is_dir()
            else {"unknown"}
        )
        return "yes" if "yes" in each else "unknown" if "unknown" in each else "no"
    if file.is_dir():
        return "yes" if (file / entry).is_file() else "no"
    return _in_jar(file, entry)


def _in_jar(jar: Path, entry: str) -> Held:
    try:
        with zipfile.ZipFile(jar) as archive:
            return "yes" if entry in archive.NameToInfo else "no"
    except (OSError, zipfile.BadZipFile):
        return "unknown"


def _named(values: Mapping[str, str]) -> Iterator[str]:
    for keys, separator in ((LISTS, ","), (PATHS, ":")):
        for key in keys:
            yield from _items(values.get(key, ""), separator)


def _items(text: str, separator: str) -> Iterable[str]:
    # A class path of URLs does not exist for Java; each piece between colons is a path.
    return filter(None, (part.strip() for part in text.split(separator)))
