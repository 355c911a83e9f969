"""Progress lines."""

from sparkjobs.progress import Stage, render


def test_lines():
    assert render([], 3.2) == "    3 s  preparing"
    line = render([Stage(1, 3, 2, 12)], 12)
    assert line == "   12 s  stage 1  ██████░░░░░░░░░░░░░░░░░░  3/12 tasks, 2 running"
    assert "stage 1, 2" in render([Stage(1, 3, 2, 12), Stage(2, 0, 1, 4)], 12)
    assert "0/0 tasks" in render([Stage(7, 0, 0, 0)], 1)
