#!/usr/bin/env python3
"""Writes the safetensors file that the writer's test holds against its own output.

usage: make_writer_vector.py OUT

Needs the Python package safetensors, 0.8.0, whose serializer decides the order, the offsets, the text and the
padding. The data is one run of bytes 0, 1, … through the tensors as they are listed here, modulo 251.
"""

import ctypes
import sys
from pathlib import Path

from safetensors import TensorSpec, serialize

# Listed out of order on purpose. A shape is the storage's: a float4 element here is two in the file.
TENSORS = [
    ("b.bf16", "bfloat16", [2, 3], 12),
    ("a.f16", "float16", [3], 6),
    ("z.f32", "float32", [2, 2], 16),
    ("c.f32", "float32", [], 4),
    ("é\"\\/\n\u0001\u007f\u2028😀", "float32", [1], 4),
    ("f64", "float64", [1], 8),
    ("i64", "int64", [1, 1], 8),
    ("u64", "uint64", [1], 8),
    ("c64", "complex64", [1], 8),
    ("i32", "int32", [1], 4),
    ("u32", "uint32", [1], 4),
    ("i16", "int16", [1], 2),
    ("u16", "uint16", [1], 2),
    ("bool", "bool", [3], 3),
    ("u8", "uint8", [5], 5),
    ("i8", "int8", [1], 1),
    ("f8.e5m2", "float8_e5m2", [1], 1),
    ("f8.e4m3", "float8_e4m3fn", [1], 1),
    ("f8.e8m0", "float8_e8m0fnu", [1], 1),
    ("f8.e4m3fnuz", "float8_e4m3fnuz", [1], 1),
    ("f8.e5m2fnuz", "float8_e5m2fnuz", [1], 1),
    ("f4", "float4_e2m1fn_x2", [3], 3),
    ("empty.u64", "uint64", [0, 7], 0),
    ("empty.u8", "uint8", [3, 0], 0),
]


def main():
    out = Path(sys.argv[1])
    buffers, specs, start = [], {}, 0
    for name, dtype, shape, size in TENSORS:
        buffer = ctypes.create_string_buffer(bytes((start + i) % 251 for i in range(size)), max(size, 1))
        buffers.append(buffer)
        specs[name] = TensorSpec(dtype=dtype, shape=shape, data_ptr=ctypes.addressof(buffer), data_len=size)
        start += size
    out.write_bytes(serialize(specs, {"format": "pt"}))


if __name__ == "__main__":
    main()
