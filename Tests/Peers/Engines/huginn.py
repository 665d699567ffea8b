"""Huginn in plain PyTorch, as the design describes it: what an engine's numbers are held against where no golden is.

A linear map is a function of the module's name and its input, so that one forward pass serves float weights and
8-bit codes with activations that are rounded token by token.
"""
import functools
import json
import pathlib

import torch
from safetensors.torch import load_file


class Checkpoint:
    def __init__(self, directory):
        directory = pathlib.Path(directory)
        self.config = json.loads((directory / "config.json").read_text())
        self.tensors = {}
        for shard in sorted(directory.glob("model*.safetensors")):
            self.tensors |= load_file(shard)

    def linear(self, module, x):
        weight = self.tensors[f"{module}.weight"]
        if weight.dtype != torch.int8:
            return x @ weight.T
        scale = x.abs().amax(-1, keepdim=True) / 127
        codes = torch.where(scale > 0, x / scale, 0).round()
        # Sums of codes' products are whole numbers, exact in float64.
        return (codes.double() @ weight.T.double()).float() * scale * self.tensors[f"{module}.weight_scale"].T


def norm(x, weight, eps):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + eps) * weight


def rotated(x, base):  # [tokens, heads, head_dim]
    count, _, width = x.shape
    angles = torch.outer(torch.arange(count).float(), 1 / base ** (torch.arange(0, width, 2) / width))
    turn = torch.polar(torch.ones_like(angles), angles).unsqueeze(1)
    return torch.view_as_real(torch.view_as_complex(x.unflatten(-1, (-1, 2)).contiguous()) * turn).flatten(-2)


def layer(checkpoint, name, x):
    config, tensors = checkpoint.config, checkpoint.tensors
    heads = config["n_heads"]

    def normed(index, value):
        return norm(value, tensors[f"{name}.norm_{index}.weight"], config["norm_eps"])

    queries, keys, values = checkpoint.linear(f"{name}.attn.Wqkv", normed(1, x)).chunk(3, -1)
    queries, keys, values = (part.unflatten(-1, (heads, -1)) for part in (queries, keys, values))
    bias = tensors[f"{name}.attn.qk_bias"]
    queries = rotated(queries + bias[0], config["rope_base"])
    keys = rotated(keys + bias[1], config["rope_base"])
    scores = torch.einsum("qhd,khd->hqk", queries, keys) / queries.shape[-1] ** 0.5
    scores = scores.masked_fill(torch.ones(scores.shape[-2:]).triu(1).bool(), float("-inf"))
    attended = torch.einsum("hqk,khd->qhd", scores.softmax(-1), values).flatten(1)
    x = normed(2, x + checkpoint.linear(f"{name}.attn.proj", attended))
    gate, up = checkpoint.linear(f"{name}.mlp.fc", normed(3, x)).chunk(2, -1)
    inner = torch.nn.functional.silu(gate) * up
    return normed(4, x + checkpoint.linear(f"{name}.mlp.proj", inner))


def logits(checkpoint, tokens, recurrences):
    """[tokens, vocabulary], from a zero state."""
    config, tensors = checkpoint.config, checkpoint.tensors

    def stage(name, count, x):
        names = (f"transformer.{name}.{index}" for index in range(config[count]))
        return functools.reduce(lambda value, layer_name: layer(checkpoint, layer_name, value), names, x)

    def final(x):
        return norm(x, tensors["transformer.ln_f.weight"], config["norm_eps"])

    embedding = tensors["transformer.wte.weight"].float()
    embedded = stage("prelude", "n_layers_in_prelude", embedding[tokens] * config["n_embd"] ** 0.5)
    state = torch.zeros_like(embedded)
    for _ in range(recurrences):
        state = checkpoint.linear("transformer.adapter", torch.cat((state, embedded), -1))
        state = stage("core_block", "n_layers_in_recurrent_block", state)
    return final(stage("coda", "n_layers_in_coda", final(state))) @ embedding.T
