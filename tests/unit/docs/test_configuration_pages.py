"""The pages on configuration held to the structs, the patterns and the readers."""

from __future__ import annotations

import re
import types
import typing
from typing import Any

import msgspec
import pytest

from launcher.places import SHIPPED
from launcher.spec.cluster import (
    GPU_MEMORY_MIB,
    Cluster,
    Gpus,
    Kubernetes,
    Limits,
    LocalDisks,
    Nodes,
    Price,
    Yarn,
)
from launcher.spec.config.discovery import names
from launcher.spec.config.documents import parse_document
from launcher.spec.config.guarded import WHY
from launcher.spec.config.read_job_file import job_file_of
from launcher.spec.config.read_profile import cluster_of
from launcher.spec.job_file import DynamicAllocation, JobFile, OnFailure
from launcher.spec.layer import Origin
from launcher.spec.objective import JobObjective
from launcher.spec.units import Mib, Seconds, Share
from tests.unit.docs.pages import ROOT, blocks, rows, text_of

CLUSTERS, JOB_FILES = ROOT / "docs" / "clusters.md", ROOT / "docs" / "job-files.md"
KEY_TABLE = ("key", "takes", "default", "what")
BY_READER = {"name", "file_name", "places"}
WORDS = {
    int: "whole number", float: "number", str: "text", bool: "true or false", Mib: "size",
    Seconds: "length of time", Share: "percentage",
}  # fmt: skip
STRUCTS = [
    (CLUSTERS, "Keys", Cluster), (CLUSTERS, "nodes", Nodes), (CLUSTERS, "nodes.gpu", Gpus),
    (CLUSTERS, "nodes.local_disks", LocalDisks),
    (CLUSTERS, "yarn", Yarn), (CLUSTERS, "kubernetes", Kubernetes), (CLUSTERS, "limits", Limits),
    (CLUSTERS, "price", Price),
    (JOB_FILES, "Keys", JobFile), (JOB_FILES, "dynamic_allocation", DynamicAllocation),
    (JOB_FILES, "objective", JobObjective),
    (JOB_FILES, "on_failure", OnFailure),
]  # fmt: skip


def section(text: str, title: str) -> str:
    """The text below a heading, up to the next."""
    match = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    assert match is not None
    return match.group(1)


def takes(kind: Any) -> str:
    arguments = [argument for argument in typing.get_args(kind) if argument is not types.NoneType]
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return " or ".join(takes(argument) for argument in arguments)
    if typing.get_origin(kind) is typing.Literal:
        return ", ".join(arguments)
    if typing.get_origin(kind) is tuple:
        return "list"
    return WORDS.get(kind, "keys of its own")


def default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "required"
    value = field.default
    if value is msgspec.NODEFAULT or value is None or value in ((), ""):
        return ""
    return (
        str(value).lower()
        if isinstance(value, bool)
        else ""
        if takes(field.type) == "keys of its own"
        else str(value)
    )


@pytest.mark.parametrize(
    ("page", "title", "struct"), STRUCTS, ids=lambda value: getattr(value, "__name__", None)
)
def test_a_table_tells_exactly_the_keys_of_its_struct(page, title, struct):
    own = BY_READER - {"name"} if struct is JobFile else BY_READER
    fields = [field for field in msgspec.structs.fields(struct) if field.encode_name not in own]
    message = rows(section(text_of(page), title), KEY_TABLE)
    assert [cells[:3] for cells in message] == [[f.encode_name, takes(f.type), default(f)] for f in fields]
    assert all(cells[3] for cells in message)


def test_the_examples_are_accepted():
    (profile,) = [body for language, body in blocks(text_of(CLUSTERS)) if language == "yaml"]
    (job_file,) = [body for language, body in blocks(text_of(JOB_FILES)) if language == "yaml"]
    assert cluster_of(parse_document(profile.encode(), "clusters.md"), "etl").queue == "etl"
    assert job_file_of(parse_document(job_file.encode(), "job-files.md"), "daily").retries == 2


def test_the_shipped_profiles_are_listed(tmp_path):
    message = [cells[0] for cells in rows(text_of(CLUSTERS), ("shipped", "what"))]
    assert sorted(message) == names("clusters", {"HOME": str(tmp_path)}, tmp_path)
    assert {path.stem for path in (SHIPPED / "jobs").iterdir()} == {"wordcount-example"}


def test_the_known_gpus_are_listed():
    (cell,) = [
        cells[3] for cells in rows(section(text_of(CLUSTERS), "nodes.gpu"), KEY_TABLE) if cells[0] == "model"
    ]
    assert cell.partition(";")[0].split(", ") == list(GPU_MEMORY_MIB)


def test_the_settings_that_job_files_may_not_set_are_listed():
    message = rows(text_of(JOB_FILES), ("setting", "why"))
    assert message == [[pattern, why] for why, patterns in WHY.items() for pattern in patterns]


def test_the_layers_are_told_in_the_order_of_precedence():
    message = [cells[0] for cells in rows(text_of(JOB_FILES), ("layer", "where"))]
    assert message == [origin.value for origin in Origin if origin is not Origin.HISTORY]
