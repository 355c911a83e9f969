"""The commands that mend a problem, by platform."""

from __future__ import annotations

from collections.abc import Mapping

PLATFORMS = ("debian", "fedora", "macos")
Mend = Mapping[str, str]


def everywhere(command: str) -> Mend:
    """The same command on every platform."""
    return dict.fromkeys(PLATFORMS, command)


JAVA: Mend = {
    # Older releases have only 17, newer ones only 21.
    "debian": (
        "sudo apt-get install --yes openjdk-21-jre-headless"
        " || sudo apt-get install --yes openjdk-17-jre-headless"
    ),
    "fedora": "sudo dnf install --assumeyes java-21-openjdk-headless",
    "macos": "brew install openjdk@21",
}
VENV: Mend = {
    "debian": "sudo apt-get install --yes python3-venv",
    "fedora": "sudo dnf install --assumeyes python3",
    "macos": "brew install python@3.13",
}
PACKAGES: Mend = everywhere("make setup")
SPARK_HOME: Mend = everywhere("unset SPARK_HOME")
HOSTNAME: Mend = {
    "debian": 'echo "127.0.1.1 $(hostname)" | sudo tee -a /etc/hosts',
    "fedora": 'echo "127.0.0.1 $(hostname)" | sudo tee -a /etc/hosts',
    "macos": 'echo "127.0.0.1 $(hostname)" | sudo tee -a /etc/hosts',
}
MEMORY: Mend = everywhere("stop other programs, or give the container or machine at least 2 GiB")


def fetch(name: str) -> Mend:
    """Fetch a jar set (again)."""
    return everywhere(f"sparkjob jars fetch {name}")


def free_space(path: str) -> Mend:
    """Make room where ``path`` is; the first command shows what fills it."""
    return everywhere(f"du -xhd1 {path} | sort -h   (then remove what is not needed)")
