"""Line counts and the UTF-8 check agree with Python's own."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sparkjobs.kernels.lines import is_utf8, line_count

PIECES = [
    b"a",
    b"\r",
    b"\n",
    b"\r\n",
    "é中𐐀".encode(),
    b"\xff",
    b"\xed\xa0\x80",
    b"\xc0\x80",
    b"\xc3",
    b"\x85",
]
blocks = st.one_of(st.binary(), st.lists(st.sampled_from(PIECES)).map(b"".join))


@given(blocks)
def test_lines_are_counted_as_bytes_splitlines_cuts(data: bytes) -> None:
    assert line_count(data) == len(data.splitlines())


@given(blocks)
def test_utf8_check_agrees_with_decode(data: bytes) -> None:
    try:
        data.decode()
        valid = True
    except UnicodeDecodeError:
        valid = False
    assert is_utf8(data) == valid
