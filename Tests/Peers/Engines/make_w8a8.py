#!/usr/bin/env python3
"""Writes a checkpoint with 8-bit weights as compressed-tensors stores them, for tests of engines.

usage: make_w8a8.py CHECKPOINT OUT

Matrices of layers and the adapter become the codes and scales of `int8:row` (formats/quantization.md);
embedding, head and vectors stay as they are. An engine rounds activations token by token.
"""
import json
import pathlib
import shutil
import sys

import torch
from safetensors.torch import load_file, save_file

CODES = {"num_bits": 8, "type": "int", "symmetric": True}
QUANTIZATION = {
    "quant_method": "compressed-tensors",
    "format": "int-quantized",
    "quantization_status": "compressed",
    "ignore": ["lm_head"],
    "config_groups": {
        "group_0": {
            "targets": ["Linear"],
            "weights": CODES | {"dynamic": False, "strategy": "channel"},
            "input_activations": CODES | {"dynamic": True, "strategy": "token"},
            "output_activations": None,
        }
    },
}


def encoded(matrix):
    """Codes I8 [out, in] and scales F32 [out, 1]."""
    scales = matrix.abs().amax(1, keepdim=True) / 127
    codes = torch.where(scales > 0, matrix / scales, 0).round().clamp(-127, 127)
    return codes.to(torch.int8), scales


def is_encoded(name):
    return name.startswith("transformer.") and name.endswith(
        ("adapter.weight", "attn.Wqkv.weight", ".proj.weight", "mlp.fc.weight")
    )


def make(checkpoint, out):
    checkpoint, out = pathlib.Path(checkpoint), pathlib.Path(out)
    out.mkdir(parents=True)
    tensors = {}
    for shard in sorted(checkpoint.glob("model*.safetensors")):
        for name, tensor in load_file(shard).items():
            if is_encoded(name):
                tensors[name], tensors[f"{name}_scale"] = encoded(tensor)
            else:
                tensors[name] = tensor
    save_file(tensors, out / "model.safetensors", {"format": "pt"})
    config = json.loads((checkpoint / "config.json").read_text())
    (out / "config.json").write_text(json.dumps(config | {"quantization_config": QUANTIZATION}, indent=2))
    shutil.copy(checkpoint / "generation_config.json", out)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    make(*sys.argv[1:])
