"""Cutting a jar: what stays is what the patterns say, byte for byte the same on every machine."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.host.jars import ivy
from launcher.host.jars.cut import cut_jar, stays
from launcher.host.jars.fetch import Sources, fetch_sets, in_maven
from launcher.host.jars.jar_cache import WrongHash, look, sha256_of
from launcher.host.jars.jar_lock import LOCK_NAME, Cut, Jar, JarLock, JarSet, read_lock
from launcher.places import SHIPPED
from sparkjobs.errors import EnvironmentProblem

RAPIDS = read_lock(SHIPPED / LOCK_NAME).named("rapids-slim")
assert RAPIDS.cut is not None
CUT = RAPIDS.cut
KEPT = {"spark404/A.class": b"a" * 5000, "com/nvidia/B.class": b"", "spark-shared/C.class": bytes(range(256))}
DROPPED = {
    "amd64/Linux/libcudf.so": b"x",
    "libjucx.so": b"y",
    "spark400db173/A.class": b"z",
    "spark35/A": b"z",
}


def jar(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in entries.items():
            made.writestr(zipfile.ZipInfo(name, (2026, 1, 31, 12, 30, 58)), content, zipfile.ZIP_DEFLATED)
    return path


def read(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as found:
        assert found.testzip() is None
        return {name: found.read(name) for name in found.namelist()}


def sources(maven: Path) -> Sources:
    def no_java() -> Path:
        raise AssertionError("nothing had to be downloaded")

    return Sources(maven, ivy.Repository(), no_java, Path("/nowhere"))


def described(path: Path, file: str) -> Jar:
    return Jar("org.example:thing:1.0", file, sha256_of(path), path.stat().st_size)


def test_the_cut_holds_what_stays_in_its_order(tmp_path: Path) -> None:
    whole = jar(tmp_path / "whole.jar", {**KEPT, **DROPPED})
    cut_jar(whole, tmp_path / "slim.jar", CUT)
    assert read(tmp_path / "slim.jar") == KEPT
    with zipfile.ZipFile(tmp_path / "slim.jar") as slim, zipfile.ZipFile(whole) as before:
        for info in slim.infolist():
            assert info.date_time == before.getinfo(info.filename).date_time


def test_the_cut_is_the_same_bytes_everywhere(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "whole.jar", "w") as made:  # stored: no zlib has a say
        for name, content in {**KEPT, **DROPPED}.items():
            made.writestr(zipfile.ZipInfo(name, (2026, 1, 31, 12, 30, 58)), content)
    cut_jar(tmp_path / "whole.jar", tmp_path / "slim.jar", CUT)
    found = hashlib.sha256((tmp_path / "slim.jar").read_bytes()).hexdigest()
    assert found == "278e3d1733b8992f1e8cf4c8b25ec05210b18ac9aca28f398549d3a295f64aed"


@given(st.dictionaries(st.text(st.characters(categories=("L", "N")), min_size=1), st.binary(max_size=50)))
def test_a_cut_that_leaves_nothing_out_loses_nothing(
    tmp_path_factory: pytest.TempPathFactory, entries: dict[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    cut_jar(jar(folder / "whole.jar", entries), folder / "slim.jar", Cut("whole", ()))
    assert read(folder / "slim.jar") == entries


def test_a_streamed_jar_is_cut_too(tmp_path: Path) -> None:
    # Written without seeking, sizes follow the data.
    with (tmp_path / "whole.jar").open("wb") as raw, zipfile.ZipFile(_Unseekable(raw), "w") as made:
        made.writestr("spark404/A.class", b"a" * 100, zipfile.ZIP_DEFLATED)
        made.writestr("x.so", b"")
    cut_jar(tmp_path / "whole.jar", tmp_path / "slim.jar", CUT)
    assert read(tmp_path / "slim.jar") == {"spark404/A.class": b"a" * 100}


class _Unseekable(io.RawIOBase):
    def __init__(self, raw: io.BufferedWriter) -> None:
        self._raw = raw

    def write(self, data: object) -> int:
        return self._raw.write(data)  # type: ignore[arg-type]


def test_keep_wins_over_leave_out() -> None:
    assert stays(CUT, "spark404/com/A.class")
    assert not stays(CUT, "spark403/com/A.class")
    assert stays(CUT, "spark-shared/com/A.class")


def test_what_is_no_jar_is_named(tmp_path: Path) -> None:
    (tmp_path / "whole.jar").write_text("a web page")
    with pytest.raises(EnvironmentProblem, match=r"whole\.jar is no jar"):
        cut_jar(tmp_path / "whole.jar", tmp_path / "slim.jar", CUT)


def test_a_set_that_is_cut_comes_from_the_verified_whole(tmp_path: Path) -> None:
    whole = described(jar(tmp_path / "whole.jar", {**KEPT, **DROPPED}), "thing-1.0.jar")
    cut_jar(tmp_path / "whole.jar", tmp_path / "slim.jar", CUT)
    slim = described(tmp_path / "slim.jar", "thing-1.0-slim.jar")
    lock = JarLock(1, {"rapids": JarSet("", (whole,)), "slim": JarSet("", (slim,), CUT)})
    target = in_maven(tmp_path / "m2", whole)
    target.parent.mkdir(parents=True)
    (tmp_path / "whole.jar").rename(target)
    fetched = fetch_sets(tmp_path / "cache", lock, ["slim"], sources(tmp_path / "m2"))
    assert fetched.copied == (slim.file,)
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == [".lock", slim.file]
    assert fetch_sets(tmp_path / "cache", lock, ["slim"], sources(tmp_path)).kept == (slim.file,)


def test_a_cut_that_is_not_the_locked_one_is_refused(tmp_path: Path) -> None:
    whole = described(jar(tmp_path / "whole.jar", KEPT), "thing-1.0.jar")
    slim = Jar("org.example:thing:1.0", "thing-1.0-slim.jar", "0" * 64, 7)
    lock = JarLock(1, {"rapids": JarSet("", (whole,)), "slim": JarSet("", (slim,), CUT)})
    (tmp_path / "cache").mkdir()
    (tmp_path / "whole.jar").rename(tmp_path / "cache" / whole.file)
    with pytest.raises(WrongHash, match="the cut of"):
        fetch_sets(tmp_path / "cache", lock, ["slim"], sources(tmp_path))
    assert look(tmp_path / "cache", [slim])[0].state == "missing"
