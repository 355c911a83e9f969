"""How many bad rows are allowed, without rounding."""

from hypothesis import given
from hypothesis import strategies as st

from sparkjobs.ingest.intake import allowed


@given(st.integers(0, 100), st.integers(1, 10_000))
def test_a_share_of_rows_is_exact(percent, hundreds):
    assert allowed(f"{percent}%", hundreds * 100) == percent * hundreds
    assert allowed("0.5%", 200) == 1
    assert allowed("7", 3) == 7
