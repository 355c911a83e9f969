"""An exact hash table over short byte strings, every step of it one numpy call over many tokens.

A token of up to ``8 * width`` bytes, padded with zero bytes, is ``width`` unsigned 64-bit numbers. The
table probes for all tokens at once: those whose slot holds their key are counted, free slots are
given to new keys, and the few that meet another key go on to their next slot. Keys are compared in
full, so the counts are exact whatever the hash does.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
Keys = tuple[U64, ...]

KEY = np.dtype("<u8")
FIRST_BITS, LAST_BITS = 16, 20
MAX_ROUNDS = 64  # crafted keys that all collide stop here; the dictionary takes them
_MULTIPLIERS = tuple(
    np.uint64(number)
    for number in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93)
)
_HALF = np.uint64(32)


@dataclass(frozen=True)
class Counted:
    """Distinct tokens with their counts; ``keys`` has one row per token, ``width`` columns."""

    keys: U64
    counts: I64


def tokens_of(keys: U64) -> list[bytes]:
    """The byte strings of packed keys: numpy drops the zero bytes that padded them."""
    rows = np.ascontiguousarray(keys, dtype=KEY)
    tokens: list[bytes] = rows.view(f"S{8 * rows.shape[1]}").ravel().tolist()
    return tokens


class PackedTable:
    """Counts keys of one width in bounded memory.

    The table doubles from 2^16 to 2^20 slots. Past that it puts its content aside in ``spilled``
    and starts anew, so that a key may come out more than once: whoever adds up the drained parts
    gets the exact counts. Slot 0 belongs to the empty token, which is never drained.

    Args:
        width: how many 64-bit numbers make a key, 1 to 4.
        last_bits: binary logarithm of the largest number of slots.
    """

    def __init__(self, width: int, last_bits: int = LAST_BITS) -> None:
        self._width = width
        self._last_bits = last_bits
        self._reset(min(FIRST_BITS, last_bits))
        self.spilled: list[Counted] = []
        self.overflow: Counter[bytes] = Counter()

    def add(self, keys: Keys) -> None:
        """Count each key once per occurrence."""
        hashes = self._hash(keys)
        slots = (hashes >> self._shift).view(np.int64)
        found = self._holds(slots, keys)
        if found.all():
            np.add.at(self._counts, slots, 1)
            return
        missed = np.flatnonzero(~found)
        slots[missed] = 0  # counted for the empty token, whose count nobody reads
        np.add.at(self._counts, slots, 1)
        ones = np.ones(len(missed), np.int64)
        self._insert(tuple(key[missed] for key in keys), hashes[missed], ones)

    def drain(self) -> list[Counted]:
        """Hand out all that was counted, and forget it."""
        parts = [*self.spilled, self._content()]
        self.spilled = []
        self._reset(self._bits)
        return parts

    @property
    def used(self) -> int:
        """How many distinct keys are held now, spilled ones included."""
        return self._used + sum(len(part.counts) for part in self.spilled) + len(self.overflow)

    def _reset(self, bits: int) -> None:
        size = 1 << bits
        self._bits, self._mask, self._shift = bits, np.int64(size - 1), np.uint64(64 - bits)
        self._slots = tuple(np.zeros(size, KEY) for _ in range(self._width))
        self._counts = np.zeros(size, np.int64)
        self._used = 0

    def _hash(self, keys: Keys) -> U64:
        mixed: U64 = keys[0] * _MULTIPLIERS[0]
        for key, multiplier in zip(keys[1:], _MULTIPLIERS[1:], strict=False):
            mixed ^= mixed >> _HALF
            mixed += key
            mixed *= multiplier
        return mixed

    def _holds(self, slots: I64, keys: Keys) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = self._slots[0].take(slots, mode="clip") == keys[0]
        for held, key in zip(self._slots[1:], keys[1:], strict=True):
            found &= held.take(slots, mode="clip") == key
        return found

    def _insert(self, keys: Keys, hashes: U64, counts: I64) -> None:
        """Give each key its slot and add its count, making room where there is too little."""
        for _ in range(MAX_ROUNDS):
            first = (hashes >> self._shift).view(np.int64)
            step = (hashes >> np.uint64(8)).view(np.int64) | 1
            keys, hashes, counts = self._probe_all(keys, hashes, counts, first, step)
            if not len(counts):
                return
            if 2 * self._used <= len(self._counts):
                break
            self._make_room()
        self._overflow(keys, counts)

    def _probe_all(
        self, keys: Keys, hashes: U64, counts: I64, slots: I64, step: I64
    ) -> tuple[Keys, U64, I64]:
        """Probe until all keys are placed, the table is half full, or the rounds are spent."""
        for _ in range(MAX_ROUNDS):
            self._claim_free(slots, keys)
            found = self._holds(slots, keys)
            np.add.at(self._counts, slots[found], counts[found])
            left = ~found
            keys, hashes, counts = tuple(key[left] for key in keys), hashes[left], counts[left]
            if not len(counts) or 2 * self._used > len(self._counts):
                break
            slots, step = (slots[left] + step[left]) & self._mask, step[left]
        return keys, hashes, counts

    def _claim_free(self, slots: I64, keys: Keys) -> None:
        # A first number is zero in the empty token only: zero marks a free slot.
        free = np.flatnonzero((self._slots[0].take(slots, mode="clip") == 0) & (slots != 0))
        claimed, winner = np.unique(slots[free], return_index=True)
        for held, key in zip(self._slots, keys, strict=True):
            held[claimed] = key[free[winner]]
        self._used += len(claimed)

    def _make_room(self) -> None:
        content = self._content()
        if self._bits >= self._last_bits:
            self.spilled.append(content)
            self._reset(self._bits)
            return
        self._reset(self._bits + 1)
        # The first of several keys gets the slot: frequent ones shall be found at the first probe.
        order = np.argsort(-content.counts, kind="stable")
        keys = tuple(column[order] for column in content.keys.T)
        self._insert(keys, self._hash(keys), content.counts[order])

    def _content(self) -> Counted:
        used = np.flatnonzero(self._slots[0] != 0)
        return Counted(np.stack([held[used] for held in self._slots], axis=1), self._counts[used])

    def _overflow(self, keys: Keys, counts: I64) -> None:
        for token, count in zip(tokens_of(np.stack(keys, axis=1)), counts.tolist(), strict=True):
            self.overflow[token] += count
