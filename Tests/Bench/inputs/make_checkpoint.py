#!/usr/bin/env python3
"""Writes a checkpoint of the release's layout with synthetic weights, for benchmarks.

The names, their order, the split into shards of at most 5 GB and the tied head are the release's; at
scale 1 so is every shape. A smaller scale shrinks widths and vocabulary, and with them the bytes about
in proportion. Weights are normal with the release's standard deviation, norms are ones, the rotary table
is the formula's. Needs numpy.

usage: make_checkpoint.py OUT [--dtype F32|BF16|F16] [--scale S]
"""
import argparse
import json
import math
import os

import numpy as np

SHARD_LIMIT = 5_000_000_000
HEAD_DIM = 96
CHUNK = 1 << 24


def sizes(scale):
    """Width, inner width, vocabulary and heads: widths are multiples of 32 and of a head."""
    root = math.sqrt(scale)
    heads = max(1, round(55 * root))
    return HEAD_DIM * heads, max(32, 32 * round(560 * root)), max(256, 32 * round(2048 * root)), heads


def layer(prefix, width, inner, heads):
    return [
        (f"{prefix}.norm_1.weight", (width,)),
        (f"{prefix}.attn.qk_bias", (2, 1, heads, HEAD_DIM)),
        (f"{prefix}.attn.Wqkv.weight", (3 * width, width)),
        (f"{prefix}.attn.proj.weight", (width, width)),
        (f"{prefix}.norm_2.weight", (width,)),
        (f"{prefix}.mlp.fc.weight", (2 * inner, width)),
        (f"{prefix}.mlp.proj.weight", (width, inner)),
        (f"{prefix}.norm_3.weight", (width,)),
        (f"{prefix}.norm_4.weight", (width,)),
    ]


def tensors(scale):
    width, inner, vocabulary, heads = sizes(scale)
    names = [("freqs_cis", (1, 4096, 1, HEAD_DIM // 2, 2))]
    names += [("transformer.wte.weight", (vocabulary, width))]
    for index in range(2):
        names += layer(f"transformer.prelude.{index}", width, inner, heads)
    names += [("transformer.adapter.weight", (width, 2 * width))]
    for index in range(4):
        names += layer(f"transformer.core_block.{index}", width, inner, heads)
    for index in range(2):
        names += layer(f"transformer.coda.{index}", width, inner, heads)
    return names + [("transformer.ln_f.weight", (width,)), ("lm_head.weight", (vocabulary, width))]


def config(scale):
    width, inner, vocabulary, heads = sizes(scale)
    return {
        "architectures": ["RavenForCausalLM"], "model_type": "huginn_raven",
        "architecture_class_name": "RecurrentGPT", "block_class_name": "SandwichBlock",
        "norm_class_name": "RMSNorm_llama", "mlp_class_name": "GatedMLP", "nonlin_name": "SiLU",
        "injection_type": "linear", "state_init": "like-init", "bias": False, "qk_bias": True,
        "n_embd": width, "n_heads": heads, "num_key_value_heads": heads, "head_dim": HEAD_DIM,
        "intermediate_size": inner, "n_layers": 8, "n_layers_in_prelude": 2,
        "n_layers_in_recurrent_block": 4, "n_layers_in_coda": 2, "mean_recurrence": 32,
        "block_size": 4096, "rope_base": 50000, "norm_eps": 1e-06, "vocab_size": vocabulary,
        "padded_vocab_size": vocabulary, "padding_multiple": 4096, "tie_embeddings": True,
        "init_values": {"embed_scale": math.sqrt(width)},
    }


def rotary_table():
    positions = np.arange(4096, dtype=np.float32)
    frequencies = 1.0 / 50000 ** (np.arange(0, HEAD_DIM, 2, dtype=np.float32) / HEAD_DIM)
    angles = np.outer(positions, frequencies.astype(np.float32))
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1).astype(np.float32)


def encode(values, dtype):
    if dtype == "F32":
        return values.tobytes()
    if dtype == "F16":
        return values.astype(np.float16).tobytes()
    bits = values.view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16).tobytes()


def payload(name, shape, dtype, pool, seed):
    """The bytes of a tensor in chunks; weights are windows of one pool of normal values."""
    if name == "freqs_cis":
        yield rotary_table().tobytes()
        return
    count = math.prod(shape)
    if "norm" in name or "ln_f" in name:
        yield encode(np.ones(count, np.float32), dtype)
        return
    generator = np.random.default_rng(seed)
    for start in range(0, count, CHUNK):
        size = min(CHUNK, count - start)
        offset = int(generator.integers(0, len(pool) - size + 1))
        scale = np.float32(generator.uniform(0.8, 1.2))
        yield encode(pool[offset : offset + size] * scale, dtype)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out")
    parser.add_argument("--dtype", default="F32", choices=["F32", "BF16", "F16"])
    parser.add_argument("--scale", type=float, default=1.0)
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)

    def byte_count(name, shape):
        return math.prod(shape) * (4 if options.dtype == "F32" or name == "freqs_cis" else 2)

    shards, filled = [[]], 0
    for name, shape in tensors(options.scale):
        size = byte_count(name, shape)
        if filled + size > SHARD_LIMIT and shards[-1]:
            shards.append([])
            filled = 0
        shards[-1].append((name, shape))
        filled += size
    pool = np.random.default_rng(0).normal(0, 0.0087, 2 * CHUNK).astype(np.float32)
    weight_map, total = {}, 0
    for number, entries in enumerate(shards, 1):
        file = f"model-{number:05d}-of-{len(shards):05d}.safetensors"
        header, offset = {"__metadata__": {"format": "pt"}}, 0
        # The release lists a shard's tensors by name.
        for name, shape in sorted(entries):
            dtype = "F32" if name == "freqs_cis" else options.dtype
            end = offset + byte_count(name, shape)
            header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [offset, end]}
            offset = end
            weight_map[name] = file
        total += offset
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        with open(os.path.join(options.out, file), "wb") as output:
            output.write(len(text).to_bytes(8, "little") + text)
            for name, shape in sorted(entries):
                # The head is the embedding.
                seed = sum(map(ord, name.replace("lm_head", "transformer.wte")))
                for chunk in payload(name, shape, options.dtype, pool, seed):
                    output.write(chunk)
    with open(os.path.join(options.out, "model.safetensors.index.json"), "w") as output:
        json.dump({"metadata": {"total_size": total}, "weight_map": weight_map}, output, indent=2)
    with open(os.path.join(options.out, "config.json"), "w") as output:
        json.dump(config(options.scale), output, indent=2)


if __name__ == "__main__":
    main()
