#!/usr/bin/env python3
"""Writes blocks as ggml's reference quantizers make them, and a small file of the gguf package with a value of each kind.

usage: make_gguf_vectors.py DIRECTORY LIBGGML_BASE

Needs the Python packages gguf 0.19.0, numpy and safetensors, and ggml 0.25.3's libggml-base.
"""

import ctypes
import sys
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import save_file

Q8_0 = gguf.GGMLQuantizationType.Q8_0
Q4_0 = gguf.GGMLQuantizationType.Q4_0


def values():
    """Rows of 32: weights, ties, zeros, subnormal and vanishing scales, large values."""
    rng = np.random.default_rng(15)
    ties = (np.arange(32) - 16 + 0.5) / 64
    ties[0] = 127 / 64
    negative_ties = -(np.arange(32) + 0.5) / 2**10
    negative_ties[5] = 127 / 2**10
    alone = np.zeros(32)
    alone[31] = -1e-3
    # Q4_0: quotients of a half under either sign of the extreme, and extremes of both signs.
    halves = (np.arange(32) - 16) / 2
    opposed = np.zeros(32)
    opposed[[3, 9]] = 8, -8
    rows = [
        rng.normal(0, 0.0087, (40, 32)), rng.normal(0, 1, (8, 32)), rng.uniform(-3, 3, (8, 32)),
        np.zeros((1, 32)), -np.zeros((1, 32)), ties[None], negative_ties[None], alone[None],
        halves[None], -halves[None], opposed[None], -opposed[None],
        rng.normal(0, 2.0**-20, (4, 32)), rng.normal(0, 2.0**-30, (4, 32)),
        rng.normal(0, 2.0**-120, (4, 32)), rng.uniform(-8e6, 8e6, (4, 32)),
        rng.normal(0, 1, (4, 32)).astype(np.float16)]
    return np.concatenate(rows).astype(np.float32)


def write_file(path, blocks):
    writer = gguf.GGUFWriter(path, "huginn")
    writer.add_uint8("test.uint8", 200)
    writer.add_int8("test.int8", -100)
    writer.add_uint16("test.uint16", 60000)
    writer.add_int16("test.int16", -30000)
    writer.add_uint32("test.uint32", 4000000000)
    writer.add_int32("test.int32", -2000000000)
    writer.add_uint64("test.uint64", 2**63)
    writer.add_int64("test.int64", -2**62)
    writer.add_float32("test.float32", 0.1)
    writer.add_float64("test.float64", 0.1)
    writer.add_bool("test.boolean", True)
    writer.add_string("test.string", "Grüße")
    writer.add_array("test.strings", ["a", "", "Ġb"])
    writer.add_array("test.numbers", [1, -2, 3])
    writer.add_tensor("a", np.arange(6, dtype=np.float32).reshape(2, 3))
    writer.add_tensor("b", np.arange(5, dtype=np.float16))
    writer.add_tensor("c", blocks[:2].reshape(1, 68), raw_dtype=Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def quantize(ggml, source, kind, name):
    """What ggml makes; the gguf package makes the same but for the sign of a scale of zero."""
    _, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = np.zeros((len(source), size), np.uint8)
    function = getattr(ggml, f"quantize_row_{name}_ref")
    function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
    function(source.ctypes.data, blocks.ctypes.data, source.size)
    with np.errstate(all="ignore"):
        other = gguf.quants.quantize(source, kind)
    zeros = (source == 0).all(axis=1)
    assert (blocks[~zeros] == other[~zeros]).all() and (blocks[zeros, 2:] == other[zeros, 2:]).all()
    return blocks


def main():
    folder, ggml = Path(sys.argv[1]), ctypes.CDLL(sys.argv[2])
    source = values()
    q8_0, q4_0 = quantize(ggml, source, Q8_0, "q8_0"), quantize(ggml, source, Q4_0, "q4_0")
    save_file({"values": source, "q8_0": q8_0, "q4_0": q4_0}, folder / "blocks.safetensors")
    write_file(folder / "writer.gguf", q8_0)


if __name__ == "__main__":
    main()
