"""Build step: the wheel carries ``conf/`` as the package data ``launcher/conf``."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithConf(build_py):
    """Copy the project's ``conf/`` below the built ``launcher``; a checkout reads it in place."""

    def run(self) -> None:
        """Build the packages, then add the configuration unless the build only links to the checkout."""
        super().run()
        if not self.editable_mode:
            self.copy_tree("conf", str(Path(self.build_lib) / "launcher" / "conf"))


setup(cmdclass={"build_py": BuildWithConf})
