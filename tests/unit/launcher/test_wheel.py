"""What a wheel carries beside Python: configuration and the template, as they are in the checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from launcher.cli.scaffold.project_files import template_files
from launcher.places import SHIPPED, TEMPLATES

ROOT = Path(__file__).parents[3]


def test_a_built_package_carries_the_configuration_and_the_template(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "setup.py", "-q", "build_py", "-d", str(tmp_path)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    built = tmp_path / "launcher"
    assert template_files(built / "templates") == template_files(TEMPLATES)
    assert template_files(built / "conf") == template_files(SHIPPED)
