#!/usr/bin/env python3
"""Reads every tensor of every GGUF export with the gguf package, and compares it with the source.

A checkpoint is read by the safetensors package, a pack by the reader under formats/readers; Q8_0 is
compared with what gguf (and ggml itself, with --ggml) makes of the same values.

usage: gguf_reads.py MUNINN CHECKPOINT... [--ggml LIBRARY]
"""
import argparse
import ctypes
import importlib.metadata
import pathlib
import subprocess
import sys
import tempfile

import gguf
import numpy
import torch
from safetensors.torch import load_file

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "formats/readers"))
import muninn_pack  # noqa: E402

OUTSIDE = {
    "token_embd.weight": "transformer.wte.weight", "core_adapter.weight": "transformer.adapter.weight",
    "core_adapter.bias": "transformer.adapter.bias", "output_norm.weight": "transformer.ln_f.weight",
    "output.weight": "lm_head.weight"}
MEMBERS = {
    "attn_norm.weight": "norm_1.weight", "attn_qk.bias": "attn.qk_bias",
    "attn_qkv.weight": "attn.Wqkv.weight", "attn_output.weight": "attn.proj.weight",
    "post_attention_norm.weight": "norm_2.weight", "ffn_norm.weight": "norm_3.weight",
    "ffn_up.weight": "mlp.fc.weight", "ffn_down.weight": "mlp.proj.weight",
    "post_ffw_norm.weight": "norm_4.weight"}
FLOATS = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}


def reference_name(name, counts):
    """The state-dict name, from the name and the counts of layers alone."""
    if name in OUTSIDE:
        return OUTSIDE[name]
    _, number, member = name.split(".", 2)
    layer = int(number)
    for stage in ("prelude", "core", "coda"):
        if layer < counts[stage]:
            prefix = "core_block" if stage == "core" else stage
            return f"transformer.{prefix}.{layer}.{MEMBERS[member]}"
        layer -= counts[stage]
    raise SystemExit(f"{name} is in no stage")


class Export:
    """A GGUF file as the package reads it, under the reference's names."""

    def __init__(self, path):
        reader = gguf.GGUFReader(path)
        field = lambda key: reader.get_field(f"huginn.{key}").contents()
        assert reader.get_field("general.architecture").contents() == "huginn"
        counts = {stage: field(f"{stage}.block_count") for stage in ("prelude", "core", "coda")}
        assert field("block_count") == sum(counts.values())
        self.tensors = {reference_name(tensor.name, counts): tensor for tensor in reader.tensors}

    def bits(self, name):
        return numpy.ascontiguousarray(self.tensors[name].data).view(numpy.uint8).reshape(-1)

    def values(self, name):
        tensor = self.tensors[name]
        shape = tuple(int(size) for size in reversed(tensor.shape))
        return gguf.quants.dequantize(tensor.data, tensor.tensor_type).reshape(shape)


def load_checkpoint(path):
    values = {}
    for shard in sorted(path.glob("model*.safetensors")):
        values.update(load_file(shard))
    return {name: value for name, value in values.items() if name not in ("freqs_cis",)}


def bits_of(tensor):
    return tensor.contiguous().view(torch.uint8).reshape(-1).numpy()


def ggml_q8_0(library, values):
    """The blocks that ggml's own reference quantizer makes."""
    source = numpy.ascontiguousarray(values, dtype=numpy.float32)
    blocks = numpy.zeros(source.size // 32 * 34, dtype=numpy.uint8)
    library.quantize_row_q8_0_ref(
        source.ctypes.data_as(ctypes.c_void_p), blocks.ctypes.data_as(ctypes.c_void_p),
        ctypes.c_int64(source.size))
    return blocks


class Checks:
    def __init__(self):
        self.counts = {}
        self.failures = []

    def equal(self, kind, name, left, right):
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if left.shape != right.shape or not numpy.array_equal(left, right):
            self.failures.append(f"{kind}: {name} differs")


def check_checkpoint(run, path, work, checks, library):
    source = load_checkpoint(path)
    for dtype in (None, "f32", "f16", "bf16", "q8_0"):
        target = work / f"{path.name}-{dtype}.gguf"
        run("export", path, target, "--to", "gguf", *(["--dtype", dtype] if dtype else []))
        export = Export(target)
        tied = "lm_head.weight" not in export.tensors
        expected = {name for name in source if not (tied and name == "lm_head.weight")}
        assert set(export.tensors) == expected, set(export.tensors) ^ expected
        for name, value in source.items():
            if name not in export.tensors:
                continue
            kind = f"checkpoint as {dtype or 'stored'}"
            if value.dim() != 2:
                checks.equal(kind, name, export.bits(name), bits_of(value.float()))
            elif dtype == "q8_0":
                values = value.float().numpy()
                blocks = gguf.quants.quantize(values, gguf.GGMLQuantizationType.Q8_0).reshape(-1)
                checks.equal(kind, name, export.bits(name), blocks)
                if library:
                    checks.equal("ggml's own Q8_0", name, export.bits(name), ggml_q8_0(library, values))
            else:
                rounded = value.float().to(FLOATS[dtype]) if dtype else value
                checks.equal(kind, name, export.bits(name), bits_of(rounded))


def check_pack(run, path, recipe, dtype, work, checks):
    label = f"{'-'.join(recipe) or 'default'}-{dtype or 'stored'}".replace("--", "").replace("/", "")
    pack_path, target = work / f"{path.name}-{label}.muninn", work / f"{path.name}-{label}.gguf"
    run("convert", path, pack_path, *recipe)
    run("export", pack_path, target, "--to", "gguf", *(["--dtype", dtype] if dtype else []))
    export = Export(target)
    pack = muninn_pack.Pack(pack_path)
    assert set(export.tensors) == set(pack), set(export.tensors) ^ set(pack)
    for name in export.tensors:
        values = numpy.asarray(pack[name].dequantize(), dtype=numpy.float32)
        if dtype in FLOATS and values.ndim == 2:
            values = torch.from_numpy(values.copy()).to(FLOATS[dtype]).float().numpy()
        checks.equal(f"pack {label}", name, export.values(name), values)
    if dtype is None:
        run("diff", pack_path, target)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("muninn")
    parser.add_argument("checkpoints", nargs="+", type=pathlib.Path)
    parser.add_argument("--ggml", help="libggml-base, to quantize with ggml itself")
    options = parser.parse_args()
    library = ctypes.CDLL(options.ggml) if options.ggml else None
    checks = Checks()

    def run(*arguments):
        subprocess.run([options.muninn, *map(str, arguments), "--quiet"], check=True,
                       stdout=subprocess.DEVNULL)

    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        for path in options.checkpoints:
            check_checkpoint(run, path, work, checks, library)
            recipes = [[], ["--weights", "f16", "--core", "int8"], ["--weights", "bf16"],
                       ["--weights", "f32"]]
            if all(value.shape[1] % 160 == 0 for value in load_checkpoint(path).values()
                   if value.dim() == 2):
                recipes.append(["--weights", "int8:160"])
            for recipe in recipes:
                check_pack(run, path, recipe, None, work, checks)
            check_pack(run, path, ["--weights", "int8:row"], "f16", work, checks)
            check_pack(run, path, [], "f32", work, checks)
    for kind, count in checks.counts.items():
        print(f"{kind:42} {count:4} tensors")
    for failure in checks.failures:
        print(failure, file=sys.stderr)
    total = sum(checks.counts.values())
    print(f"gguf {importlib.metadata.version('gguf')}: "
          f"{total - len(checks.failures)} of {total} tensors equal")
    sys.exit(1 if checks.failures else 0)


if __name__ == "__main__":
    main()
