"""The reader of pages itself: what it takes for an example, and what it lets pass."""

from __future__ import annotations

import pytest

from tests.unit.docs.pages import agrees, commands, headings, links, masked, rows

PAGE = """# Title

[a](x.md) and ![picture](no.png)

| flag | type |
|---|---|
| `--top` | int |
| `--mode` | a\\|b |

<!-- run -->
```console
$ printf 'a\\n' |
> cat
a
$ true
```

```console
$ rm -rf everything
```
"""


def test_a_page_is_read():
    assert headings(PAGE) == [(1, "Title")]
    assert links(PAGE) == ["x.md"]
    assert rows(PAGE, ["flag", "type"]) == [["--top", "int"], ["--mode", "a|b"]]
    assert rows(PAGE, ["flag"]) == []


def test_only_marked_examples_are_run():
    assert [(one.text, one.shown) for one in commands(PAGE)] == [("printf 'a\\n' |\ncat", "a"), ("true", "")]


@pytest.mark.parametrize(
    ("shown", "written", "expected"),
    [
        ("a\nb", "a\nb\n", True),
        ("a\nb", "a\nc\n", False),
        ("a", "a\nb\n", False),
        ("...\nb", "x\ny\nb\n", True),
        ("...\nb", "b\n", True),
        ("a\n...", "b\n", False),
        ("", "", True),
        ("", "a\n", False),
        ("a", "", False),
        ("a.c", "abc", False),
    ],
)
def test_shown_and_written(shown, written, expected):
    assert agrees(shown, written) is expected


def test_only_what_differs_from_run_to_run_is_masked():
    line = '{"run_id": "20261121T101042Z-sum-18b412a7", "rows": 3, "seconds": 21.348}'
    assert masked(line) == '{"run_id": "RUN-sum", "rows": 3, "seconds": S}'
    assert masked("2026-01-31 00:00:00   2.5") == "2026-01-31 00:00:00   2.5"
