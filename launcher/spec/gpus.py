"""Memory of the GPU models that clusters have."""

from __future__ import annotations

from collections.abc import Mapping

# MiB as the drivers report it; models that are sold in two sizes stand here with the smaller one.
GPU_MEMORY_MIB: Mapping[str, int] = {
    "T4": 15_109,
    "V100": 16_384,
    "P100": 16_384,
    "L4": 24_576,
    "A10": 24_576,
    "A10G": 24_576,
    "A100": 40_960,
    "L20": 49_152,
    "H100": 81_559,
    "H200": 143_771,
}
