#!/usr/bin/env python3
"""Writes an F16 GGUF of a llama-shaped model with about as many parameters as asked: what llama-quantize takes.

usage: make_gguf.py OUT PARAMETERS
"""
import sys

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter

WIDTH, INNER, VOCABULARY, HEAD = 5120, 17920, 65536, 128


def main():
    path, wanted = sys.argv[1], int(sys.argv[2])
    layer = 4 * WIDTH * WIDTH + 3 * WIDTH * INNER
    layers = max(1, round((wanted - 2 * VOCABULARY * WIDTH) / layer))
    writer = GGUFWriter(path, "llama")
    writer.add_context_length(4096)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(WIDTH // HEAD)
    writer.add_head_count_kv(WIDTH // HEAD)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_file_type(1)
    writer.add_vocab_size(VOCABULARY)
    writer.add_tokenizer_model("none")
    shapes = {"token_embd.weight": (VOCABULARY, WIDTH), "output_norm.weight": (WIDTH,), "output.weight": (VOCABULARY, WIDTH)}
    for index in range(layers):
        block = f"blk.{index}"
        shapes |= {f"{block}.attn_{name}.weight": (WIDTH, WIDTH) for name in ["q", "k", "v", "output"]}
        shapes |= {f"{block}.ffn_{name}.weight": (INNER, WIDTH) for name in ["gate", "up"]}
        shapes |= {f"{block}.ffn_down.weight": (WIDTH, INNER)}
        shapes |= {f"{block}.{name}_norm.weight": (WIDTH,) for name in ["attn", "ffn"]}
    for name, shape in shapes.items():
        dtype = np.float32 if len(shape) == 1 else np.float16
        raw = GGMLQuantizationType.F32 if len(shape) == 1 else GGMLQuantizationType.F16
        writer.add_tensor_info(name, shape, np.dtype(dtype), int(np.prod(shape)) * np.dtype(dtype).itemsize, raw)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    pool = np.random.default_rng(0).normal(0, 0.0087, 1 << 24).astype(np.float16)
    for shape in shapes.values():
        values = np.ones(shape, np.float32) if len(shape) == 1 else np.resize(pool, shape)
        writer.write_tensor_data(values)
    writer.close()


if __name__ == "__main__":
    main()
