"""Reading ExplainPlan: the grammar, the share, the reasons, and literals that look like lines."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.qualify.explain_plan import Operator, lines, operators, share

WINDOW = """\
!Exec <WindowExec> cannot run on GPU because not all expressions can be replaced
  @Expression <Alias> ntile(3) windowspecdefinition(k#1L) AS r#31 could run on GPU
    ! <NTile> ntile(3) cannot run on GPU because GPU does not currently support the operator class \
org.apache.spark.sql.catalyst.expressions.NTile
      @Expression <Literal> 3 could run on GPU
  *Exec <SortExec> will run on GPU
    #Exec <ProjectExec> could run on GPU but is going to be removed because replacing sort
      ! <RDDScanExec> cannot run on GPU because GPU does not currently support the operator class \
a.b.RDDScanExec
"""
CSV = """\
!Exec <DataWritingCommandExec> cannot run on GPU because not all data writing commands can be replaced
  !Output <InsertIntoHadoopFsRelationCommand> cannot run on GPU because CSV output is not supported
  *Exec <FileSourceScanExec> will run on GPU
"""
ARROW = """\
!Exec <MapInArrowExec> cannot run even partially on the GPU because not all expressions can be replaced
  !Expression <PythonUDF> f(id#0L)#4 blocks running on GPU because a type is not supported
  *Exec <RangeExec> will partially run on GPU
"""
NO_CLASS = "GPU does not currently support the operator class"


def test_signs_become_operators_and_expressions_do_not() -> None:
    assert [(operator.name, operator.on_gpu) for operator in operators(WINDOW)] == [
        ("WindowExec", False),
        ("SortExec", True),
        ("ProjectExec", None),
        ("RDDScanExec", False),
    ]


def test_the_reason_names_the_expression_below() -> None:
    window, *_, scan = operators(WINDOW)
    assert window.reason == f"NTile: {NO_CLASS} NTile"
    assert scan.reason == f"{NO_CLASS} RDDScanExec"


def test_the_reason_of_a_write_is_that_of_its_command() -> None:
    assert [operator.reason for operator in operators(CSV)] == [
        "InsertIntoHadoopFsRelationCommand: CSV output is not supported",
        "CSV output is not supported",
        "",
    ]


def test_operators_that_the_gpu_only_feeds_are_told() -> None:
    arrow, scan = operators(ARROW)
    assert arrow == Operator("MapInArrowExec", False, "PythonUDF: a type is not supported")
    assert scan.partially


def test_the_share_leaves_out_what_is_removed() -> None:
    assert share(operators(WINDOW)) == 1 / 3
    assert share(operators(CSV)) == 1 / 3
    assert share(()) is None
    assert share(operators("")) is None


@pytest.mark.parametrize(("sign", "on_gpu"), [*product("*^@", [True]), *product("!$", [False]), ("#", None)])
def test_every_sign(sign: str, on_gpu: bool | None) -> None:
    [operator] = operators(f"{sign}Exec <FilterExec> could run on GPU")
    assert operator.on_gpu is on_gpu


@pytest.mark.parametrize(
    ("kind", "name", "counts"),
    [
        *product(["Exec", "Command", "Output", "Scan"], ["A"], [True]),
        *product(["Expression", "Partitioning", "Thing"], ["AExec"], [False]),
        ("", "AExec", True),
        ("", "A", False),
    ],
)
def test_which_kinds_are_operators(kind: str, name: str, counts: bool) -> None:
    assert len(operators(f"*{kind} <{name}> will run on GPU")) == counts


def test_subqueries_are_reports_of_their_own() -> None:
    assert len(operators(f"{WINDOW}\n{CSV}\n{ARROW}")) == 4 + 3 + 2


def test_a_second_line_of_depth_nought_is_forged() -> None:
    text = "*Exec <FilterExec> will run on GPU\n!Exec <FakeExec> cannot run on GPU because of me\n"
    assert [operator.name for operator in operators(text)] == ["FilterExec"]


@dataclass(frozen=True)
class Node:
    """A made-up line and what is below it."""

    sign: str
    kind: str
    name: str
    text: str
    below: tuple[Node, ...] = ()


def written(node: Node, depth: int = 0) -> str:
    words = {"!": "cannot run on GPU because it is so", "#": "could run on GPU but is going to be removed"}
    text = f"{node.text} " if node.text else ""
    verdict = words.get(node.sign, "will run on GPU")
    head = f"{'  ' * depth}{node.sign}{node.kind} <{node.name}> {text}{verdict}\n"
    return head + "".join(written(child, depth + 1) for child in node.below)


def flat(node: Node) -> list[Node]:
    return [node, *(found for child in node.below for found in flat(child))]


signs = st.sampled_from("*!@#$^")
names = st.sampled_from(["Filter", "Sort", "Project"])
# Literals of a query, with lines that pretend to be RAPIDS'.
pretended = st.sampled_from(
    ["*Exec <FakeExec> will run on GPU", "  !Exec <FakeExec> cannot run on GPU because", "", "# <x> y", ")"]
)
literals = st.lists(pretended, max_size=4).map(lambda more: "\n".join(["(a = x", *more, ")"]))


def plans(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Node]:
    expression = st.builds(Node, signs, st.just("Expression"), names, texts)
    leaf = st.builds(Node, signs, st.just("Exec"), names.map("{}Exec".format), st.just(""))
    inside = st.lists(st.one_of(expression, leaf), max_size=3).map(tuple)
    below = st.builds(Node, signs, st.just("Exec"), names.map("{}Exec".format), st.just(""), inside)
    children = st.lists(st.one_of(expression, below), max_size=3).map(tuple)
    return st.builds(Node, signs, st.just("Exec"), names.map("{}Exec".format), st.just(""), children)


@given(plans(st.just("1")))
def test_a_written_plan_is_read_back(plan: Node) -> None:
    expected = [(node.sign, node.kind, node.name) for node in flat(plan)]
    assert [(line.sign, line.kind, line.name) for line in lines(written(plan))] == expected


@given(plans(literals))
def test_no_literal_forges_an_operator(plan: Node) -> None:
    expected = [node.name for node in flat(plan) if node.kind == "Exec"]
    assert [operator.name for operator in operators(written(plan))] == expected


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    part = share(operators(text))
    assert part is None or 0 <= part <= 1
