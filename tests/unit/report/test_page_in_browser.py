"""The page in Chromium: a quiet console, light, dark and narrow, keyboard, and no script of a log."""

from __future__ import annotations

import re
from pathlib import Path

from launcher.report.page.page import page
from launcher.report.report import Report
from tests.unit.report.browser import needs_chromium, picture, screenshot, show
from tests.unit.report.pages import hostile, million, record, report_of, usual

pytestmark = needs_chromium


def written(report: Report, folder: Path) -> Path:
    path = folder / "report.html"
    path.write_text(page(report), encoding="utf-8")
    return path


def test_the_console_stays_quiet(tmp_path: Path) -> None:
    for made in (report_of(usual(), record()), hostile(), report_of(million())):
        assert show(written(made, tmp_path), tmp_path).console == []


def test_a_script_that_came_from_elsewhere_does_not_run(tmp_path: Path) -> None:
    """Were a name of a log not escaped, the policy of the page would still hold it back, and be heard."""
    path = written(report_of(usual()), tmp_path)
    bad = path.read_text().replace("</main>", "<script>document.title='owned'</script></main>")
    path.write_text(bad)
    shown = show(path, tmp_path)
    assert "<title>owned" not in shown.dom
    assert "Content Security Policy" in "".join(shown.console)
    assert "<title>owned" not in show(written(hostile(), tmp_path), tmp_path).dom


def test_light_dark_and_narrow(tmp_path: Path) -> None:
    path = written(report_of(usual(), record()), tmp_path)
    light = picture(screenshot(path, tmp_path, "light", 1200))
    dark = picture(screenshot(path, tmp_path, "dark", 1200, "--blink-settings=preferredColorScheme=0"))
    narrow = picture(screenshot(path, tmp_path, "narrow", 500))
    assert light[0] == dark[0] == 1200
    assert narrow[0] == 500
    assert min(light[2]) > 200
    assert max(dark[2]) < 60
    assert min(narrow[2]) > 200


ACTIONS = """
<script>
const said = document.body.dataset;
document.getElementById("theme").click();
said.theme = document.documentElement.dataset.theme;
const key = (where, name) => where.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));
const box = document.querySelector(".pointed");
key(box, "ArrowRight"); key(box, "PageDown");
said.readout = document.querySelector(".readout").textContent;
const rows = () => [...document.querySelectorAll("table.stages tbody tr")];
const order = () => rows().map((row) => row.dataset.stage).join();
said.before = order();
const time = document.querySelector("table.stages thead button");
time.click(); said.down = order(); time.click(); said.up = order();
const row = document.querySelector("tr[data-stage]");
row.focus(); key(row, "ArrowDown");
said.focused = document.activeElement.dataset.stage;
// Whether a window without a screen has the focus is up to the machine: the pointer says it for certain.
document.activeElement.dispatchEvent(new Event("mouseenter"));
said.picked = [...document.querySelectorAll(".lanes .stage.on")].map((path) => path.dataset.stage).join();
said.wide = document.documentElement.scrollWidth > innerWidth;
</script>
"""


def test_keys_and_buttons(tmp_path: Path) -> None:
    path = written(report_of(usual()), tmp_path)
    text = re.sub(r"<meta http-equiv=[^>]*>", "", path.read_text())
    path.write_text(text.replace("</body>", f"{ACTIONS}</body>"))
    shown = show(path, tmp_path)
    said = dict(re.findall(r'data-(\w+)="([^"]*)"', shown.dom.partition("<body")[2].partition(">")[0]))
    assert shown.console == [], said
    assert said["theme"] == "dark"
    assert "at work of" in said["readout"]
    assert said["before"] == "0.0,1.0"
    assert (said["down"], said["up"]) == ("1.0,0.0", "0.0,1.0")
    assert said["focused"] == said["picked"] == "1.0"
    assert said["wide"] == "false"
