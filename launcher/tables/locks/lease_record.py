"""What a lease object says and what may be done with it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from launcher.tables.locks.holder import Holder

VERSION = 1


class LeaseRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The content of a lease object; it is replaced on conditions and never deleted.

    Attributes:
        owner: a name of this taking of the lock alone.
        token: the fencing token; it stays when the lock is given back.
        lease_s: what the owner promises: to renew within this time, seconds.
        nonce: new with every write, so that the object's ETag changes even when nothing else does.
        released: the lock was given back.
        holder: who has, or had, it.
        v: version of this shape.
    """

    owner: str
    token: int
    lease_s: float
    nonce: str
    holder: Holder
    released: bool = False
    v: int = VERSION


@dataclass(frozen=True)
class Stored:
    """A record as the store has it."""

    record: LeaseRecord
    etag: str


@dataclass(frozen=True)
class Free:
    """The lock may be taken: with this token, if the object still has this ETag (``None``: no object).

    Attributes:
        died: the holder that never gave it back; ``None`` when it was given back.
    """

    etag: str | None
    token: int
    died: Holder | None = None


@dataclass(frozen=True)
class Ours:
    """It is ours: an answer was lost on its way."""


@dataclass(frozen=True)
class Busy:
    """Somebody has it, who promises to renew it within ``lease_s`` seconds."""

    holder: Holder
    lease_s: float


def answer(stored: Stored | None, owner: str, unchanged_s: float) -> Free | Ours | Busy:
    """What an owner who wants the lock may do.

    Args:
        stored: what the store has.
        owner: who asks.
        unchanged_s: how long the caller has watched the object keep its ETag, by the caller's own clock.
            No time that anybody wrote down counts.
    """
    if stored is None:
        return Free(None, 1)
    record = stored.record
    if record.released:
        return Free(stored.etag, record.token + 1)
    if record.owner == owner:
        return Ours()
    if unchanged_s >= record.lease_s:
        return Free(stored.etag, record.token + 1, died=record.holder)
    return Busy(record.holder, record.lease_s)
