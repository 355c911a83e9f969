"""Build step: the wheel carries ``conf/`` and ``templates/`` as package data of ``launcher``."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

CARRIED = ("conf", "templates")
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*", "*.egg-info", "build", "out")


class BuildWithData(build_py):
    """Copy the folders below the built ``launcher``; a checkout reads them in place."""

    def run(self) -> None:
        """Build the packages, then add the folders unless the build only links to the checkout."""
        super().run()
        if not self.editable_mode:
            for folder in CARRIED:
                place = Path(self.build_lib) / "launcher" / folder
                shutil.copytree(folder, place, ignore=LEFT_OUT, dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithData})
