"""Scripts that have never heard of us: those that come with PySpark, planned for every shipped cluster."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from launcher.intake.gather_request import gather
from launcher.intake.invocation import Invocation
from launcher.intake.read_application import application
from launcher.intake.subject import subject
from launcher.planning.make import make_plan
from launcher.spec.application import Application
from launcher.spec.config.discovery import names

NOWHERE = Path("/nowhere")
ENVIRON = {"HOME": "/nowhere", "SPARK_CONF_DIR": "/nowhere"}
TARGETS = names("clusters", ENVIRON, NOWHERE)


@pytest.fixture(scope="module")
def scripts() -> list[Path]:
    spec = importlib.util.find_spec("pyspark")
    assert spec is not None
    assert spec.origin is not None
    found = sorted((Path(spec.origin).parent / "examples" / "src" / "main" / "python").rglob("*.py"))
    assert len(found) > 100
    return found


@pytest.fixture(scope="module")
def applications(scripts: list[Path]) -> list[Application]:
    invocation = [Invocation(str(path), (), NOWHERE) for path in scripts]
    return [application(subject(one.what, ENVIRON, NOWHERE), one, ENVIRON) for one in invocation]


@pytest.mark.parametrize("target", TARGETS)
def test_every_example_is_planned_without_an_error(target, scripts, applications):
    request = gather(Invocation(str(scripts[0]), (), NOWHERE, target=target), ENVIRON).request
    for app in applications:
        made = make_plan(replace(request, application=app))
        assert made.application.name == Path(app.path or "").stem
        assert all(setting.reason and setting.source for setting in made.settings)
        assert [finding for finding in made.findings if finding.severity == "error"] == []


def test_the_streams_among_them_are_known(applications):
    streaming = {app.name for app in applications if app.streaming}
    assert "structured_network_wordcount" in streaming
    assert "network_wordcount" in streaming
    assert "pi" not in streaming
