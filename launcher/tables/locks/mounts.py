"""On which kind of file system a folder lies: ``flock`` of a network's reaches other hosts badly or not."""

from __future__ import annotations

from collections.abc import Iterable

# What psutil calls them on Linux and macOS, without the prefix of FUSE.
NETWORK = frozenset(
    "afpfs afs beegfs ceph cifs davfs gcsfuse gfs2 glusterfs gpfs juicefs lustre ncpfs nfs nfs4 ocfs2 "
    "orangefs pvfs2 rclone s3fs smb3 smbfs sshfs webdav".split()
)


def network_kind(folder: str, mounts: Iterable[tuple[str, str]]) -> str | None:
    """The kind of network file system that holds a folder; ``None`` for a local one. Pure.

    Args:
        folder: absolute, without links.
        mounts: mount points and kinds, in the order of mounting: a later one hides an earlier.
    """
    longest, kind = -1, ""
    for point, found in mounts:
        inside = folder == point or folder.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= longest:
            longest, kind = len(point), found
    plain = kind.lower().removeprefix("fuse.").removeprefix("fuse")
    return kind if plain in NETWORK else None


def mounted() -> list[tuple[str, str]]:
    """The mounts of this machine."""
    import psutil

    return [(part.mountpoint, part.fstype) for part in psutil.disk_partitions(all=True)]
