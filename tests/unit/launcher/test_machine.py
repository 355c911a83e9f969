"""Memory limits: the tightest of the machine's and the control groups'."""

from __future__ import annotations

from pathlib import Path

from launcher.machine import Cores, Memory, cores, free_disk_bytes, memory

GIB = 1024**3


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_without_control_groups_the_machine_counts(tmp_path: Path) -> None:
    assert memory(tmp_path).origin == "machine"


def test_version_2(tmp_path: Path) -> None:
    write(tmp_path, "proc/self/cgroup", "0::/user.slice/job\n")
    write(tmp_path, "sys/fs/cgroup/user.slice/job/memory.max", "max\n")
    write(tmp_path, "sys/fs/cgroup/user.slice/memory.max", "104857600\n")
    assert memory(tmp_path) == Memory(104857600, "cgroup v2")


def test_version_1(tmp_path: Path) -> None:
    write(tmp_path, "proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/box\n")
    write(tmp_path, "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
    write(tmp_path, "sys/fs/cgroup/memory/box/memory.limit_in_bytes", "52428800\n")
    assert memory(tmp_path) == Memory(52428800, "cgroup v1")


def test_inside_a_container_only_the_root_is_visible(tmp_path: Path) -> None:
    write(tmp_path, "proc/self/cgroup", "4:memory:/docker/0123\n")
    write(tmp_path, "sys/fs/cgroup/memory/memory.limit_in_bytes", "52428800\n")
    assert memory(tmp_path).limit_bytes == 52428800


def test_a_folder_that_does_not_exist_yet_has_its_parents_space(tmp_path: Path) -> None:
    assert free_disk_bytes(tmp_path / "a" / "b") > 0


def test_cores() -> None:
    assert cores().number >= 1


def test_a_quota_of_processor_time_bounds_the_cores(tmp_path: Path) -> None:
    write(tmp_path, "proc/self/cgroup", "0::/pod/box\n")
    write(tmp_path, "sys/fs/cgroup/pod/cpu.max", "50000 100000\n")
    write(tmp_path, "sys/fs/cgroup/pod/box/cpu.max", "max 100000\n")
    assert cores(tmp_path) == Cores(1, "cgroup v2")


def test_a_quota_of_version_1(tmp_path: Path) -> None:
    write(tmp_path, "proc/self/cgroup", "5:cpu,cpuacct:/x\n")
    write(tmp_path, "sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n")
    write(tmp_path, "sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n")
    assert cores(tmp_path).origin == "machine"
    write(tmp_path, "sys/fs/cgroup/cpu/x/cpu.cfs_quota_us", "100000\n")
    write(tmp_path, "sys/fs/cgroup/cpu/x/cpu.cfs_period_us", "100000\n")
    assert cores(tmp_path) == Cores(1, "cgroup v1")
