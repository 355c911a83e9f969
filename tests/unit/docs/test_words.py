"""The words of the pages held to the code and to one another."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sparkjobs import catalogue
from sparkjobs.params import describe
from tests.unit.docs.pages import (
    DOCS,
    PAGES,
    README,
    README_ZH,
    ROOT,
    anchor,
    blocks,
    headings,
    links,
    rows,
    text_of,
)

JOB_PAGES = [page for page in DOCS if page.parent.name == "jobs"]
STREAMS = [name for name in catalogue.BUILT_IN if name.endswith("_stream")]
FLAG_TABLE = ("flag", "type", "default", "what")
# Hosts that stand for the reader's own.
EXAMPLE_HOSTS = re.compile(r"(?:[\w.-]+\.)?example\.(?:com|org)|localhost|127\.0\.0\.1|HOST")
URL = re.compile(r"\b(?:https?|spark)://([^/\s:)\"'`]+)")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", JOB_PAGES, ids=name_of)
def test_the_flags_of_a_job_page_are_those_of_the_job(page):
    listed = [cells[:3] for cells in rows(text_of(page), FLAG_TABLE)]
    flags = [flag for flag in describe(catalogue.get(page.stem).params) if flag.group == "job"]
    assert listed == [[flag.flag, flag.type, "required" if flag.required else flag.default] for flag in flags]


@pytest.mark.parametrize("page", JOB_PAGES, ids=name_of)
def test_every_flag_of_a_job_page_is_explained(page):
    assert [cells for cells in rows(text_of(page), FLAG_TABLE) if len(cells) != 4 or not cells[3]] == []


def test_every_batch_job_has_a_page_and_the_readme_names_every_job():
    jobs = [catalogue.get(name) for name in catalogue.BUILT_IN]
    assert {job.name for job in jobs if not job.streaming} == {page.stem for page in JOB_PAGES}
    table = "\n".join(line for line in text_of(README).splitlines() if line.startswith("| ["))
    assert [job.name for job in jobs if job.name not in table] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    for target in links(text_of(page)):
        url = urlsplit(target)
        if url.scheme:
            continue
        place = (page.parent / url.path) if url.path else page
        assert place.exists(), f"{name_of(page)}: {target}"
        if url.fragment:
            assert url.fragment in [anchor(title) for _, title in headings(text_of(place))], target


def test_every_page_is_linked_from_the_readme():
    linked = {(ROOT / urlsplit(target).path).resolve() for target in links(text_of(README))}
    assert [name_of(page) for page in DOCS if page.resolve() not in linked] == []


def test_the_chinese_readme_keeps_step():
    ours, theirs = text_of(README), text_of(README_ZH)
    assert [level for level, _ in headings(theirs)] == [level for level, _ in headings(ours)]
    assert _commands_of(theirs) == _commands_of(ours)
    swapped = {"README.zh.md": "README.md"}
    assert links(theirs) == [swapped.get(target, target) for target in links(ours)]


def _commands_of(text: str) -> list[tuple[str, str]]:
    """The fenced blocks; comments may be in another language."""
    return [(language, re.sub(r" +# .*$", "", body, flags=re.MULTILINE)) for language, body in blocks(text)]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_page_names_a_host_or_a_path_of_some_machine(page):
    text = text_of(page)
    assert [host for host in URL.findall(text) if not EXAMPLE_HOSTS.fullmatch(host)] == []
    for place in {str(ROOT), str(Path.home())} - {"/"}:
        assert not re.search(re.escape(place) + r"(?![\w-])", text), place
    assert re.findall(r"(?<![\w.])/(?:root|home|Users|work)/\S*", text) == []


def test_the_architecture_names_what_exists():
    page = text_of(ROOT / "docs" / "architecture.md")
    named = re.findall(r"`((?:tests|sparkjobs|launcher|conf|docs|templates)/[\w./-]*)`", page)
    assert len(named) > 30
    assert [name for name in named if not (ROOT / name).exists()] == []
    tree = re.search(r"```text\nsparkjobs/\n(.*?)```", page, re.DOTALL)
    assert tree is not None
    folders: list[tuple[int, Path]] = [(-1, ROOT)]
    for line in f"sparkjobs/\n{tree[1]}".splitlines():
        indent = len(line) - len(line.lstrip())
        folders = [(depth, folder) for depth, folder in folders if depth < indent]
        # Names stand before two spaces; what follows tells what they are.
        names = re.split(r"\s{2,}", line.strip())[0].split() if indent else line.split()[:1]
        places = [folders[-1][1] / name for name in names]
        assert [place for place in places if not place.exists()] == []
        folders.append((indent, places[0]))


def test_the_page_of_streams_names_the_flags_of_every_stream():
    listed = [cells[0] for cells in rows(text_of(ROOT / "docs" / "streams.md"), FLAG_TABLE)]
    of_sources = [cells[0] for cells in rows(text_of(ROOT / "docs" / "streams-sources.md"), FLAG_TABLE)]
    by_time = [cells[0] for cells in rows(text_of(ROOT / "docs" / "streams-event-time.md"), FLAG_TABLE)]
    for name in STREAMS:
        flags = describe(catalogue.get(name).params)
        assert sorted(listed) == sorted(flag.flag for flag in flags if flag.group == "stream")
        assert of_sources == [flag.flag for flag in flags if flag.group == "source"]
        assert by_time == [flag.flag for flag in flags if flag.group == "event time"]


def test_the_readme_shows_the_beginning_of_the_plan_that_the_page_of_plans_holds_to():
    (screen,) = [body for _, body in blocks(text_of(README)) if body.startswith("$ sparkjob plan ")]
    assert screen.rstrip("\n") in text_of(ROOT / "docs" / "plan.md")
