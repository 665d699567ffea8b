#!/usr/bin/env python3
"""What a user would otherwise quantize a checkpoint with, one tensor at a time, written to one file.

usage: quantize.py torch|gguf|mlx CHECKPOINT OUT
Prints nothing. The work is 8-bit codes in groups of 32 with a half-precision scale; none of them makes digests.
"""
import glob
import os
import sys

import numpy as np
from safetensors import safe_open


def tensors(checkpoint, framework):
    """Every tensor that goes into a pack: no rotary table, no tied head."""
    for path in sorted(glob.glob(os.path.join(checkpoint, "*.safetensors"))):
        with safe_open(path, framework) as file:
            for name in file.keys():
                if name not in ("freqs_cis", "lm_head.weight"):
                    yield name, file.get_tensor(name)


def run_torch(checkpoint, output):
    import torch

    for _, tensor in tensors(checkpoint, "pt"):
        if tensor.dim() != 2:
            output.write(tensor.float().numpy().tobytes())
            continue
        groups = tensor.float().view(tensor.shape[0], -1, 32)
        scales = (groups.abs().amax(-1, keepdim=True) / 127).half()
        codes = (groups / scales.float()).round_().clamp_(-127, 127).to(torch.int8)
        output.write(codes.numpy().data)
        output.write(scales.numpy().data)


def run_gguf(checkpoint, output):
    import torch
    from gguf import GGMLQuantizationType, quants

    for _, tensor in tensors(checkpoint, "pt"):
        values = tensor.to(torch.float32).numpy()
        if values.ndim == 2:
            values = quants.quantize(values, GGMLQuantizationType.Q8_0)
        output.write(np.ascontiguousarray(values).data)


def run_mlx(checkpoint, output):
    import mlx.core as mx

    for path in sorted(glob.glob(os.path.join(checkpoint, "*.safetensors"))):
        for name, tensor in mx.load(path).items():
            if name in ("freqs_cis", "lm_head.weight"):
                continue
            parts = mx.quantize(tensor, group_size=32, bits=8) if tensor.ndim == 2 else [tensor]
            for part in parts:
                if part.dtype == mx.bfloat16:
                    part = part.view(mx.uint16)
                output.write(np.array(part).data)


def main():
    name, checkpoint, out = sys.argv[1:]
    with open(out, "wb") as output:
        {"torch": run_torch, "gguf": run_gguf, "mlx": run_mlx}[name](checkpoint, output)
        output.flush()
        os.fsync(output.fileno())


if __name__ == "__main__":
    main()
