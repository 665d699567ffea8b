#!/usr/bin/env python3
"""Writes the golden vectors of fixtures/vectors: inputs as bits, expected results as bits.

usage: make_vectors.py OUT

Needs numpy, and node for the canonical numbers. The bytes are the same on any machine: nothing here depends on a
C library's logarithm, on the order of a vectorised sum, or on a random stream that a later numpy may change.
"""

import json
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np

F16_INFINITY = 0x7C00
F16_QUIET_NAN_BIT = 0x0200
F16_MIN_SUBNORMAL = np.float16(2**-24)


def random(seed):
    """numpy's legacy generator: the only one whose stream numpy promises never to change."""
    return np.random.RandomState(seed)


def near_normal(seed, shape):
    """Twelve uniform integers summed: exact, where a normal deviate takes a logarithm. Standard deviation 1."""
    return (random(seed).randint(0, 1 << 16, (12, *shape)).sum(axis=0) - 6 * 0xFFFF) / (1 << 16)


def f32(values):
    return np.asarray(values, np.float32)


# --- Conversions ---------------------------------------------------------------------------------


def to_f16(values):
    with np.errstate(over="ignore"):
        return values.astype(np.float16).view(np.uint16)


def bf16_to_f16():
    bits = np.arange(1 << 16, dtype=np.uint32)
    result = to_f16((bits << 16).view(np.float32))
    # IEEE 754 asks a conversion to quiet a NaN; whether numpy does depends on how it was built.
    is_nan = (result & 0x7FFF) > F16_INFINITY
    return np.where(is_nan, result | F16_QUIET_NAN_BIT, result).astype("<u2")


def f32_to_f16():
    """Both sides of every place where the rounding of a non-negative value changes, and the tie itself."""
    finite = np.arange(F16_INFINITY, dtype=np.uint16).view(np.float16).astype(np.float64)
    successor = np.append(finite[1:], 65536.0)
    midpoint = f32((finite + successor) / 2)  # exact: one bit more than f16 has
    below, above = np.nextafter(midpoint, f32(-np.inf)), np.nextafter(midpoint, f32(np.inf))
    return to_f16(np.stack([below, midpoint, above], axis=1)).astype("<u2")


def to_bf16(values):
    """Rounds by the definition, in binary64: to a whole number of bf16's units in the last place."""
    _, exponent = np.frexp(np.where(np.isinf(values), 0, values).astype(np.float64))
    unit = np.ldexp(1.0, np.maximum(exponent - 8, -133))
    with np.errstate(over="ignore"):  # 2^128 becomes the infinity that bf16 rounds to
        rounded = f32(np.rint(values.astype(np.float64) / unit) * unit)
    return (rounded.view(np.uint32) >> 16).astype("<u2")


def f32_to_bf16(count=20_000):
    # zero, least subnormal, around least normal, around one, greatest finite; each with every kind of tail
    heads = [0, 1, 2, 0x7F, 0x80, 0x81, 0x3F7F, 0x3F80, 0x3F81, 0x7F7E, 0x7F7F]
    tails = [0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF]
    edges = [head << 16 | tail for head in heads for tail in tails] + [0x7F800000]
    rng = random(1)
    ties = rng.randint(0, 0x7F80, 5000) << 16 | 0x8000
    subnormals = rng.randint(0, 0x800000, 3000)
    anything = rng.randint(0, 0x7F800000, count - len(ties) - len(subnormals) - 2 * len(edges))
    drawn = np.concatenate([ties, subnormals, anything])
    signs = rng.randint(0, 2, len(drawn)) << 31
    bits = np.concatenate([edges, np.bitwise_or(edges, 1 << 31), drawn | signs]).astype("<u4")

    table = np.empty(count, np.dtype([("input", "<u4"), ("expected", "<u2")]))
    table["input"], table["expected"] = bits, to_bf16(bits.view(np.float32))
    return table


# --- int8 ----------------------------------------------------------------------------------------


def quantize(source, group, scale_type):
    """Codes and scales of `source` [R, K], one scale for each `group` consecutive inputs."""
    groups = source.reshape(len(source), -1, group)
    largest = np.abs(groups).max(axis=2)
    scales = (largest / np.float32(127)).astype(scale_type)
    if scale_type is np.float16:
        scales[(scales == 0) & (largest > 0)] = F16_MIN_SUBNORMAL
    assert np.isfinite(scales).all()

    divisor = f32(scales)[..., None]
    quotient = np.divide(groups, divisor, out=np.zeros_like(groups), where=divisor != 0)
    assert quotient.dtype == np.float32
    codes = np.clip(np.rint(quotient), -127, 127).astype(np.int8)
    decoded = divisor * f32(codes)
    return codes.reshape(source.shape), scales, error(decoded.reshape(source.shape), source)


def error(decoded, source):
    """max |Δ|, Σ Δ², Σ source², summed in the order that the format prescribes."""
    source = source.astype(np.float64)
    delta = decoded.astype(np.float64) - source
    return np.array([np.abs(delta).max(), ordered_sum(delta * delta), ordered_sum(source * source)])


def ordered_sum(squares):
    # `accumulate` adds strictly one after another, where `sum` would add in pairs.
    lanes = np.add.accumulate(squares.reshape(len(squares), -1, 8), axis=1)[:, -1]
    while lanes.shape[1] > 1:
        lanes = lanes[:, 0::2] + lanes[:, 1::2]
    return np.add.accumulate(lanes[:, 0])[-1]


def int8_cases():
    # The three-digit seeds were searched for: under them nearly every wrong order of additions changes a sum.
    yield "normal", f32(near_normal(613, (7, 320)) * 0.0087)
    yield "outliers", outliers()
    yield "ties", ties()
    yield "zeros", zeros()
    yield "subnormal", subnormal()
    yield "tiny_f16_scale", tiny_f16_scale()
    yield "large", large()
    yield "one_row", f32(near_normal(319, (1, 160)) * 0.0087)
    yield "wide", f32(near_normal(694, (2, 5280)) * 0.0087)
    yield "last_group", last_group()


def outliers():
    """352 inputs: eleven groups of 32, so that no 64-wide loop ends evenly and 160 doesn't divide it."""
    values = f32(near_normal(5, (3, 352)) * 0.0087)
    values[0, [0, 100, 351]] = [1.5, -0.9, 2.25]
    values[1, 77] = -40
    values[2, 32:64] *= f32(1000)
    return values


def ties():
    """Quotients on the boundary of two codes: (n + ½) × scale, exact where the scale has at most 16 bits."""
    middles = np.resize(np.arange(-127, 127) + 0.5, 310)
    power = 2**-7
    odd = float(np.float16(0.00937))  # chosen: to multiply by its reciprocal gives other codes than to divide
    # With a scale of 24 bits the product is rounded: its binary32 quotient is often a tie, its true quotient not.
    full = float(f32(1.1) / f32(127))
    rows = [middles * power, middles * odd, middles * power, middles * full]
    greatest = f32([127 * power, 127 * odd, 127 * power, 1.1])

    values = np.empty((4, 10, 32), np.float32)
    values[:, :, 1:] = f32(rows).reshape(4, 10, 31)
    values[:, :, 0] = greatest[:, None] * f32([1, -1] * 5)  # each group has its row's maximum
    toward = np.where(np.arange(31) % 2, f32(np.inf), f32(-np.inf))
    values[2, :, 1:] = np.nextafter(values[2, :, 1:], toward)
    return values.reshape(4, 320)


def zeros():
    values = np.zeros((6, 160), np.float32)
    values[1] = -0.0
    values[2, 1::2] = -0.0
    values[3, 64:96] = f32(near_normal(6, (32,)))  # one group of five
    values[4] = -0.25  # each code is −127
    values[5, ::3], values[5, 1::3], values[5, 2::3] = 1, -0.0, -0.003  # −0.381 rounds to −0, which is code 0
    return values


def subnormal():
    """In units of 2^-149. A row's scale is max / 127 of them: zero, or so coarse that codes clamp."""
    rng = random(7)
    greatest = [1, 63, 64, 127, 190, 191, 318, 1000, 0x7FFFFF, 0x800000]  # the last is the least normal value
    units = np.stack([rng.randint(-units, units + 1, 64) for units in greatest])
    units[np.arange(10), rng.randint(0, 64, 10)] = greatest
    return f32(units * 2.0**-149)


def tiny_f16_scale():
    """Each group's maximum as a multiple of 127 × 2^-24, so that its f16 scale is that many least subnormals."""
    below, above = 1 - 2**-20, 1 + 2**-20
    factors = [
        # the whole row would have scale zero
        [2**-100, 2**-30, 0.01, 0.1, 0.25, 0.4, 0.49, 0.5 * below, 0.5, 0],
        # ties between subnormals, and both sides of them: where the scale is rounded down, codes clamp
        [0.5 * above, 0.75, 1, 1.25, 1.5 * below, 1.5, 1.5 * above, 2.5 * below, 2.5, 2.5 * above],
        # exact subnormals, and the step to the normal ones
        [3, 5, 17, 255, 511.5, 1022, 1023, 1023.5 * below, 1023.5, 1023.5 * above],
        # normal from 1024 on
        [1024, 1024.5, 1025, 2047, 2048, 2049, 3000.7, 1, 0.5, 0],
    ]
    values = random(8).uniform(-1, 1, (4, 10, 32))
    values[:, :, 5] = np.resize([1, -1], 10)
    return f32(values * (np.array(factors) * 127 * 2**-24)[:, :, None]).reshape(4, 320)


def large():
    """Scales up to f16's greatest, 65504: reached exactly, and by rounding from just under 65520."""
    greatest = [65504, 65519.9, 65503, 65488, 32768, 65519, 40000.3, 65487.9, 1, 65504]
    values = random(9).uniform(-1, 1, (2, 5, 32))
    values[:, :, 31] = [1, -1, 1, -1, 1]
    return f32(values * 127 * np.reshape(greatest, (2, 5, 1))).reshape(2, 160)


def last_group():
    values = np.zeros((3, 96), np.float32)
    values[:, 64:] = near_normal(10, (3, 32))
    return values


def int8_tensors():
    tensors = {}
    for case, source in int8_cases():
        columns = source.shape[1]
        tensors[f"{case}.input"] = source
        for name, group in ("row", columns), ("group32", 32), ("group160", 160):
            if columns % group:
                continue
            codes, scales, errors = quantize(source, group, np.float32 if name == "row" else np.float16)
            tensors[f"{case}.{name}.codes"] = codes
            tensors[f"{case}.{name}.scales"] = scales[:, 0] if name == "row" else scales
            tensors[f"{case}.{name}.error"] = errors
    return tensors


def safetensors(tensors):
    names = {"float64": "F64", "float32": "F32", "float16": "F16", "int8": "I8"}
    header, data = {}, b""
    # Widest elements first, as the reference writer does: each tensor is aligned to its element.
    for name, array in sorted(tensors.items(), key=lambda item: (-item[1].itemsize, item[0])):
        start, data = len(data), data + array.tobytes()
        offsets = [start, len(data)]
        header[name] = {"dtype": names[array.dtype.name], "shape": list(array.shape), "data_offsets": offsets}
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


# --- Canonical numbers ---------------------------------------------------------------------------

RFC_8785_APPENDIX_B = """
    0000000000000000 8000000000000000 0000000000000001 8000000000000001 7fefffffffffffff ffefffffffffffff
    4340000000000000 c340000000000000 4430000000000000 44b52d02c7e14af5 44b52d02c7e14af6 44b52d02c7e14af7
    444b1ae4d6e2ef4e 444b1ae4d6e2ef4f 444b1ae4d6e2ef50 3eb0c6f7a0b5ed8c 3eb0c6f7a0b5ed8d 41b3de4355555553
    41b3de4355555554 41b3de4355555555 41b3de4355555556 41b3de4355555557 becbf647612f3696 43143ff3c1cb0959
""".split()

STRINGIFY = """
    const view = new DataView(new ArrayBuffer(8));
    const text = bits => (view.setBigUint64(0, BigInt("0x" + bits)), JSON.stringify(view.getFloat64(0)));
    const lines = require("fs").readFileSync(0, "utf8").split("\\n");
    process.stdout.write(lines.map(text).join("\\n"));
"""


def canonical_numbers(count=3000):
    def neighbours(value):
        return [np.nextafter(value, -np.inf), value, np.nextafter(value, np.inf)]

    rng = random(11)
    doubles = [np.uint64(int(bits, 16)).view(np.float64) for bits in RFC_8785_APPENDIX_B]
    for power in range(-30, 31):
        doubles += neighbours(float(f"1e{power}"))
    for power in range(-1074, 1024, 18):
        doubles += neighbours(2.0**power)  # below a power of two the neighbour is half as far
    doubles += [sign * (2.0**53 + step) for sign in (1, -1) for step in range(-6, 8)]
    doubles += neighbours(2.2250738585072014e-308)
    doubles += [float(integer) for integer in [*range(-20, 120), 127, 128, 255, 256, 4096, 16384, 2**31, 2**32]]
    doubles += [0.1 * integer for integer in rng.randint(-5000, 5000, 300)]
    doubles += [round(value, digits) for digits in range(1, 9) for value in rng.uniform(0, 100, 130).tolist()]
    doubles += list(np.ldexp(rng.uniform(1, 2, 400), rng.randint(-40, 20, 400)))  # as error statistics are

    hexes = [struct.pack(">d", double).hex() for double in doubles]
    for bits in rng.bytes(8 * count).hex(" ", 8).split():  # random bits fill what is left
        hexes += [bits] if int(bits[:3], 16) & 0x7FF != 0x7FF else []
    hexes = list(dict.fromkeys(hexes))[:count]

    node = subprocess.run(["node", "-e", STRINGIFY], input="\n".join(hexes), text=True, capture_output=True, check=True)
    lines = [json.dumps(pair, separators=(",", ":")) for pair in zip(hexes, node.stdout.split("\n"), strict=True)]
    return ("[\n" + ",\n".join(lines) + "\n]\n").encode()


# --- Files ---------------------------------------------------------------------------------------


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    (out / "bf16_to_f16.u16").write_bytes(bf16_to_f16().tobytes())
    (out / "f32_to_f16.u16").write_bytes(f32_to_f16().tobytes())
    (out / "f32_to_bf16.u32u16").write_bytes(f32_to_bf16().tobytes())
    (out / "int8.safetensors").write_bytes(safetensors(int8_tensors()))
    (out / "canonical_numbers.json").write_bytes(canonical_numbers())


if __name__ == "__main__":
    main()
