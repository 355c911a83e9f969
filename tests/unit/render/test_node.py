"""The picture of a node adds up, whatever the cluster."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from launcher.planning.make import make_plan
from launcher.planning.plan_request import PlanRequest
from launcher.planning.render.node import LEAST_DIVIDED, WIDTH, Share, bar, divided, node_picture
from sparkjobs.errors import UsageError
from tests.unit.planning.clusters import cluster, nodes, plan, requests
from tests.unit.render.plans import CLUSTERS, shipped

shares = st.lists(
    st.builds(Share, st.sampled_from("#+r."), st.integers(0, 5000)), min_size=1, max_size=60
).filter(lambda parts: sum(part.size for part in parts) > 0)


@given(shares)
def test_a_bar_is_as_wide_as_it_should_be_and_each_mark_has_its_share(parts: list[Share]) -> None:
    total = sum(part.size for part in parts)
    drawn = bar(parts, total)
    assert len(drawn) == len(divided(parts, total)) == WIDTH
    for mark in "#+r.":
        of_mark = [part.size for part in parts if part.mark == mark]
        exact = sum(of_mark) * WIDTH / total
        assert abs(drawn.count(mark) - exact) <= len(of_mark)


@given(st.integers(1, 100), st.integers(1, 64))
def test_dividing_lines_tell_the_number_of_executors_where_there_is_room(number: int, cores: int) -> None:
    drawn = divided([Share("#", cores)] * number, number * cores)
    if WIDTH // number >= LEAST_DIVIDED:
        assert drawn.count("|") == number
    assert set(drawn) <= {"#", "|"}


def sizes(line: str) -> dict[str, str]:
    """Mark -> words of a legend."""
    return dict(re.findall(r"([#+r.]) ([^,]+)", line))


@given(requests())
def test_pictures_of_any_cluster_are_five_lines_of_at_most_a_hundred_columns(request: PlanRequest) -> None:
    try:
        made = make_plan(request)
    except UsageError:
        assume(False)
    picture = node_picture(made)
    assert len(picture) == 5
    assert all(len(line) <= 100 for line in picture)
    for line in (picture[1], picture[3]):
        assert re.fullmatch(rf"  (?:cores |memory)  \[[#+r.|]{{{WIDTH}}}\]", line)
    assert set(re.sub(r".*\[|\]|\|", "", picture[3])) <= set(sizes(picture[4]))


def test_the_words_below_tell_every_part_and_add_up() -> None:
    made = plan(cluster(machines=nodes(4, cores=16, memory_mib=64 * 1024)))
    assert node_picture(made) == [
        "One of 4 nodes when full: 16 cores, 64 GiB",
        "  cores   [##################|##################|#################|rrrr]",
        "          # 3 executors x 5 cores, r 1 reserved, nothing left",
        "  memory  [################++++###############++++################++++r]",
        "          # heap 3 x 16.8 GiB, + beside it 3 x 4.2 GiB, r 1 GiB reserved, nothing left",
    ]


def test_gpus_and_one_node_are_told() -> None:
    title, _, cores, *_, memory = node_picture(shipped("dgx-a100-512gb"))
    assert title == "The node when full: 64 cores, 512 GiB, 4 x A100"
    assert cores.strip() == "# 4 executors x 16 cores, nothing left"
    assert memory.endswith("left")


def test_a_cluster_that_scales_tells_its_range() -> None:
    assert node_picture(shipped("kubernetes-spot"))[0].startswith("One of 2 to 20 nodes")


def test_this_machine_has_no_picture() -> None:
    assert node_picture(shipped("laptop")) == []


@pytest.mark.parametrize("target", CLUSTERS)
def test_every_shipped_cluster_has_one(target: str) -> None:
    assert len(node_picture(shipped(target))) == 5
