"""What Ivy is given and how its reports are read."""

from __future__ import annotations

from xml.etree import ElementTree

from launcher.host.jars.ivy import Dependency, Repository, failure, ivy_xml, settings_xml

MISSING = """
		module not found: org.example#thing;1.0
		:: org.example#thing;1.0: not found
		:: org.example#other;2.0: not found
"""
UNREACHABLE = MISSING + (
    "\tServer access error at url http://mirror.test/thing-1.0.jar (java.net.ConnectException: refused)\n"
)
NO_HOST = "\tHost mirror.test not found. url=http://mirror.test/thing-1.0.jar\n" + MISSING


def test_a_missing_artifact_is_named_as_missing() -> None:
    error = failure(MISSING, Repository())
    assert error.message == "Maven Central does not have org.example:thing:1.0, org.example:other:2.0"
    assert error.hint is not None
    assert "no network fault" in error.hint


def test_a_network_fault_is_named_as_one() -> None:
    for report in (UNREACHABLE, NO_HOST):
        error = failure(report, Repository("http://mirror.test/maven"))
        assert error.message.startswith("http://mirror.test/maven cannot be read: ")


def test_any_other_end_shows_the_last_lines() -> None:
    assert "boom" in failure("a\nb\nboom", Repository()).message


def test_a_password_in_the_address_stays_secret() -> None:
    assert Repository("https://me:secret@mirror.test/maven").label == "https://***@mirror.test/maven"


def test_without_a_url_ivy_takes_its_own_default() -> None:
    resolver = ElementTree.fromstring(settings_xml(Repository(), poms=False)).find("resolvers/ibiblio")
    assert resolver is not None
    assert "root" not in resolver.attrib


def test_a_mirror_is_the_only_repository_asked() -> None:
    settings = ElementTree.fromstring(settings_xml(Repository("https://mirror.test/a&b"), poms=True))
    resolvers = settings.findall("resolvers/ibiblio")
    assert [resolver.get("root") for resolver in resolvers] == ["https://mirror.test/a&b/"]


def test_locked_jars_are_asked_for_alone_and_roots_with_their_needs() -> None:
    text = ivy_xml([Dependency("g:a:1", False), Dependency("g:b:2", True)], without=["x", "y:z"])
    module = ElementTree.fromstring(text)
    assert [item.get("transitive") for item in module.iter("dependency")] == ["false", "true"]
    assert [(item.get("org"), item.get("module")) for item in module.iter("exclude")] == [
        ("x", None),
        ("y", "z"),
    ]
