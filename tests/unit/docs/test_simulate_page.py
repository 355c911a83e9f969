"""The page on simulation shows what the command prints for the log of the examples."""

from __future__ import annotations

from tests.unit.docs.pages import ROOT, blocks, rows, text_of

PAGE = text_of(ROOT / "docs" / "simulate.md")
GOLDEN = text_of(ROOT / "tests" / "acceptance" / "cases" / "simulate" / "output.txt")


def test_the_example_is_what_the_command_prints() -> None:
    shown = [body for language, body in blocks(PAGE) if language == "text"]
    assert len(shown) == 1
    assert shown[0] in GOLDEN


def test_every_flag_is_in_the_table() -> None:
    from launcher.cli.simulate import command

    flags = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    listed = {cells[0].split()[0] for cells in rows(PAGE, ("flag", "what"))}
    assert listed == flags - {"--output"} | {"-o"}
