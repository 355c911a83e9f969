"""The jar lock and cache: only what the lock names gets in, whole, whoever fetches beside us."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from launcher.host.jars import ivy
from launcher.host.jars.fetch import Sources, fetch
from launcher.host.jars.jar_cache import WrongHash, cached_paths, look, store
from launcher.host.jars.jar_lock import Jar, JarLock, JarSet, lock_text, read_lock
from launcher.host.jars.relock import read_wanted
from launcher.places import SHIPPED
from sparkjobs.errors import UsageError

CONTENT = b"not really a jar"
JAR = Jar("org.example:thing:1.0", "thing-1.0.jar", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))


def no_java() -> Path:
    raise AssertionError("nothing had to be downloaded")


def sources(maven: Path) -> Sources:
    return Sources(maven, ivy.Repository(), no_java, Path("/nowhere"))


def in_maven(maven: Path, content: bytes = CONTENT) -> Path:
    path = maven / "org" / "example" / "thing" / "1.0" / "thing-1.0.jar"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return maven


def test_the_shipped_lock_fits_what_maintainers_asked_for() -> None:
    lock, wanted = read_lock(SHIPPED / "jars.lock"), read_wanted(SHIPPED / "jars.yaml")
    assert list(lock.sets) == list(wanted.sets)
    for name, entry in wanted.sets.items():
        coordinates = {jar.coordinate for jar in lock.sets[name].jars}
        assert set(entry.roots) <= coordinates


def test_the_shipped_lock_has_a_hash_and_a_size_for_every_jar() -> None:
    lock = read_lock(SHIPPED / "jars.lock")
    for jar in lock.jars(list(lock.sets)):
        assert len(bytes.fromhex(jar.sha256)) == 32
        assert jar.size > 0
        assert jar.file.removesuffix("-slim.jar").removesuffix(".jar") == f"{jar.artifact}-{jar.version}"


def test_a_lock_is_written_as_it_is_read(tmp_path: Path) -> None:
    lock = JarLock(1, {"one": JarSet("A set.", (JAR,))})
    path = tmp_path / "jars.lock"
    path.write_text(lock_text(lock))
    assert read_lock(path) == lock


@pytest.mark.parametrize(
    "text", ["", "{}", '{"version": 1, "sets": {}, "more": 1}', '{"version": 2, "sets": {}}']
)
def test_a_broken_lock_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "jars.lock"
    path.write_text(text)
    with pytest.raises(UsageError, match=r"jars\.lock"):
        read_lock(path)


def test_an_unknown_set_names_the_known_ones() -> None:
    with pytest.raises(UsageError) as caught:
        read_lock(SHIPPED / "jars.lock").jars(["cudf"])
    assert "cudf" in caught.value.message
    assert caught.value.hint == "The sets are: delta, s3, kafka, rapids, rapids-slim."


def test_a_wrong_hash_is_refused_with_both_values_and_leaves_nothing(tmp_path: Path) -> None:
    source = tmp_path / "source.jar"
    source.write_bytes(b"something else")
    with pytest.raises(WrongHash) as caught:
        store(tmp_path / "cache", JAR, source, "a mirror")
    assert JAR.sha256 in caught.value.message
    assert hashlib.sha256(b"something else").hexdigest() in caught.value.message
    assert list((tmp_path / "cache").iterdir()) == []


def test_states_of_the_cache(tmp_path: Path) -> None:
    assert look(tmp_path, [JAR])[0].state == "missing"
    (tmp_path / JAR.file).write_bytes(b"x" * JAR.size)
    assert look(tmp_path, [JAR])[0].state == "wrong"
    (tmp_path / JAR.file).write_bytes(CONTENT)
    assert look(tmp_path, [JAR])[0].state == "ok"


def test_paths_are_given_only_for_a_whole_set(tmp_path: Path) -> None:
    assert cached_paths(tmp_path, [JAR]) is None
    (tmp_path / JAR.file).write_bytes(CONTENT[:-1])
    assert cached_paths(tmp_path, [JAR]) is None
    (tmp_path / JAR.file).write_bytes(CONTENT)
    assert cached_paths(tmp_path, [JAR]) == (tmp_path / JAR.file,)


def test_mavens_local_repository_is_used_first(tmp_path: Path) -> None:
    fetched = fetch(tmp_path / "cache", [JAR], sources(in_maven(tmp_path / "m2")))
    assert fetched.copied == (JAR.file,)
    assert (tmp_path / "cache" / JAR.file).read_bytes() == CONTENT


def test_a_wrong_jar_in_mavens_repository_is_not_taken(tmp_path: Path) -> None:
    maven = in_maven(tmp_path / "m2", b"x" * JAR.size)
    with pytest.raises(AssertionError, match="downloaded"):
        fetch(tmp_path / "cache", [JAR], sources(maven))


def test_a_damaged_cache_is_mended(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    (folder / JAR.file).write_bytes(b"x" * JAR.size)
    fetch(folder, [JAR], sources(in_maven(tmp_path / "m2")))
    assert look(folder, [JAR])[0].state == "ok"


def test_fetches_side_by_side_do_the_work_once(tmp_path: Path) -> None:
    maven = in_maven(tmp_path / "m2")
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: fetch(tmp_path / "cache", [JAR], sources(maven)), range(16)))
    assert sum(len(fetched.copied) for fetched in done) == 1
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == [".lock", JAR.file]
