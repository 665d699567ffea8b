#!/usr/bin/env python3
"""Lets the compressed-tensors package decompress quantized exports, and compares with the decoded values.

usage: decompress.py MUNINN CHECKPOINT
Needs torch, safetensors and compressed-tensors. For each scheme, every module must decompress, by the
quantization_config that stands in the export, to exactly what `muninn export --to safetensors` writes.
"""
import glob
import json
import os
import subprocess
import sys
import tempfile

import compressed_tensors
import torch
from compressed_tensors.compressors import BaseCompressor
from compressed_tensors.quantization import QuantizationConfig
from safetensors import safe_open

from results import record

CASES = [("w8a8", ["--weights", "int8:row"]), ("w8a8", ["--weights", "int8:row", "--coda", "bf16"]),
         ("w8a16", ["--weights", "int8"]), ("w8a16", ["--weights", "int8", "--core", "int8:row"])]


def tensors(directory):
    found = {}
    for path in sorted(glob.glob(os.path.join(directory, "*.safetensors"))):
        with safe_open(path, "pt") as file:
            found.update({name: file.get_tensor(name) for name in file.keys()})
    return found


def scheme_of(config, module):
    """The group that names a module, or the one of all linear modules."""
    if module in config.ignore:
        return None
    return next((group for group in config.config_groups.values() if module in group.targets or "Linear" in group.targets), None)


def main():
    muninn, checkpoint = sys.argv[1:]
    with tempfile.TemporaryDirectory() as work:
        for scheme, flags in CASES:
            pack, quantized, decoded = (os.path.join(work, f"{name}-{len(os.listdir(work))}") for name in "pqd")
            for command in [["convert", checkpoint, pack, *flags],
                            ["export", pack, quantized, "--to", "compressed-tensors", "--scheme", scheme],
                            ["export", pack, decoded, "--to", "safetensors"]]:
                subprocess.run([muninn, *command, "--quiet"], check=True, stdout=subprocess.DEVNULL)
            with open(os.path.join(quantized, "config.json")) as file:
                config = QuantizationConfig.model_validate(json.load(file)["quantization_config"])
            stored, expected = tensors(quantized), tensors(decoded)
            modules = [name.removesuffix(".weight") for name in expected if expected[name].dim() == 2]
            count = 0
            for module in modules:
                members = {name.rsplit(".", 1)[1]: tensor for name, tensor in stored.items() if name.rsplit(".", 1)[0] == module}
                if set(members) == {"weight"} and "weight_scale" not in members:
                    assert torch.equal(members["weight"], expected[f"{module}.weight"]), module
                    continue
                group = scheme_of(config, module)
                assert group is not None, f"{module} holds codes and no group is for it"
                compressor = BaseCompressor.get_value_from_registry(group.format or config.format)
                values = compressor.decompress(members, group)["weight"]
                assert torch.equal(values.to(torch.float32), expected[f"{module}.weight"]), module
                count += 1
            record(f"compressed-tensors {compressed_tensors.__version__}", f"{scheme} {' '.join(flags)}",
                   f"{config.format}, {count} modules decompress to the decoded values, bit for bit")


if __name__ == "__main__":
    main()
