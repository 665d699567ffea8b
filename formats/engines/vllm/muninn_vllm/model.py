"""The forward pass of Huginn, with a key-value cache for each recurrence of each core layer.

Modules have the names of the checkpoint's tensors (`transformer.core_block.0.attn.Wqkv`), so that
`targets` and `ignore` of a quantized checkpoint mean here what they mean in every other tool.
"""

import math

import torch
from torch import nn
from vllm.compilation.decorators import support_torch_compile
from vllm.model_executor.layers.activation import SiluAndMul
from vllm.model_executor.layers.attention import Attention
from vllm.model_executor.layers.layernorm import RMSNorm
from vllm.model_executor.layers.linear import ReplicatedLinear
from vllm.model_executor.layers.logits_processor import LogitsProcessor
from vllm.model_executor.layers.vocab_parallel_embedding import (
    ParallelLMHead,
    VocabParallelEmbedding,
)

from .loading import load
from .whole_numbers import use_where_needed


class Rotary(nn.Module):
    """Turns each pair of neighbours in a head by an angle that grows with the position.

    The table is made anew, in float32 whatever the engine's dtype, as in training: a stored
    `freqs_cis` may have been rounded.
    """

    def __init__(self, config):
        super().__init__()
        exponents = torch.arange(0, config.head_dim, 2, dtype=torch.float64) / config.head_dim
        frequencies = (1 / (config.rope_base**exponents).float()).float()
        positions = torch.arange(config.block_size, dtype=torch.float32)
        angles = torch.outer(positions, frequencies).double()
        self.register_buffer("cosines", angles.cos().float(), persistent=False)
        self.register_buffer("sines", angles.sin().float(), persistent=False)

    def forward(self, positions, heads):  # heads: [tokens, heads, head_dim]
        cosines = self.cosines[positions].unsqueeze(1)
        sines = self.sines[positions].unsqueeze(1)
        first, second = heads.float().unflatten(-1, (-1, 2)).unbind(-1)
        turned = torch.stack(
            (first * cosines - second * sines, first * sines + second * cosines), dim=-1
        )
        return turned.flatten(-2).to(heads.dtype)


class SelfAttention(nn.Module):
    def __init__(self, config, linear, rotary, prefix):
        super().__init__()
        self.heads, self.head_dim = config.n_heads, config.head_dim
        width = self.heads * self.head_dim
        self.Wqkv = linear(config.n_embd, 3 * width, f"{prefix}.Wqkv")
        self.proj = linear(width, config.n_embd, f"{prefix}.proj")
        self.qk_bias = None
        if config.qk_bias:
            bias = torch.empty(2, 1, self.heads, self.head_dim)
            self.qk_bias = nn.Parameter(bias, requires_grad=False)
        self.rotary = rotary

    def forward(self, x, positions, cached):
        heads = self.Wqkv(x).unflatten(-1, (3, self.heads, self.head_dim))
        queries, keys, values = heads.unbind(1)  # each [tokens, heads, head_dim]
        if self.qk_bias is not None:
            queries, keys = queries + self.qk_bias[0], keys + self.qk_bias[1]
        queries, keys = self.rotary(positions, queries), self.rotary(positions, keys)
        attended = cached(queries.flatten(1), keys.flatten(1), values.flatten(1))
        return self.proj(attended)


class GatedMLP(nn.Module):
    def __init__(self, config, linear, prefix):
        super().__init__()
        self.fc = linear(config.n_embd, 2 * config.intermediate_size, f"{prefix}.fc")
        self.proj = linear(config.intermediate_size, config.n_embd, f"{prefix}.proj")
        self.activation = SiluAndMul()

    def forward(self, x):
        return self.proj(self.activation(self.fc(x)))


class Layer(nn.Module):
    """A sandwich: a norm before each of attention and MLP, and one after each sum."""

    def __init__(self, config, linear, rotary, prefix):
        super().__init__()
        self.norm_1 = RMSNorm(config.n_embd, eps=config.norm_eps)
        self.attn = SelfAttention(config, linear, rotary, f"{prefix}.attn")
        self.norm_2 = RMSNorm(config.n_embd, eps=config.norm_eps)
        self.norm_3 = RMSNorm(config.n_embd, eps=config.norm_eps)
        self.mlp = GatedMLP(config, linear, f"{prefix}.mlp")
        self.norm_4 = RMSNorm(config.n_embd, eps=config.norm_eps)

    def forward(self, x, positions, cached):
        x = self.norm_2(x + self.attn(self.norm_1(x), positions, cached))
        return self.norm_4(x + self.mlp(self.norm_3(x)))


@support_torch_compile(dynamic_arg_dims={"input_ids": 0, "positions": 0, "inputs_embeds": 0})
class Transformer(nn.Module):
    def __init__(self, *, vllm_config, prefix):
        super().__init__()
        config = vllm_config.model_config.hf_config
        self.recurrences = config.mean_recurrence
        self.embedding_scale = math.sqrt(config.n_embd)

        def linear(inputs, outputs, name, bias=False):
            # Not one of the classes that split a matrix over GPUs: see `RavenForCausalLM`.
            return ReplicatedLinear(
                inputs,
                outputs,
                bias=bias,
                quant_config=vllm_config.quant_config,
                prefix=name,
                return_bias=False,
            )

        rotary = Rotary(config)

        def layers(stage, count):
            return nn.ModuleList(
                Layer(config, linear, rotary, f"{prefix}.{stage}.{i}") for i in range(count)
            )

        # No padding: the parameter has the stored shape, which is then checked as every other.
        self.wte = VocabParallelEmbedding(config.padded_vocab_size, config.n_embd, padding_size=1)
        self.prelude = layers("prelude", config.n_layers_in_prelude)
        self.adapter = linear(
            2 * config.n_embd, config.n_embd, f"{prefix}.adapter", bias=config.bias
        )
        self.core_block = layers("core_block", config.n_layers_in_recurrent_block)
        self.coda = layers("coda", config.n_layers_in_coda)
        self.ln_f = RMSNorm(config.n_embd, eps=config.norm_eps)

        # A core layer has other keys and values in each recurrence, so each of its runs has a
        # cache of its own: with one for all, a later token would attend to the last recurrence
        # only, and results would depend on how a prompt is cut into chunks. vLLM finds a cache by
        # its name, which may hold a single number.
        self.kv_slot = nn.ModuleList(
            Attention(
                config.n_heads,
                config.head_dim,
                config.head_dim**-0.5,
                cache_config=vllm_config.cache_config,
                prefix=f"kv_slot.{n}.attn",
            )
            for n in range(
                len(self.prelude) + len(self.core_block) * self.recurrences + len(self.coda)
            )
        )

    def embed_input_ids(self, input_ids):
        return self.wte(input_ids) * self.embedding_scale

    def forward(self, input_ids, positions, intermediate_tensors=None, inputs_embeds=None):
        slots = iter(self.kv_slot)

        def run(layers, x):
            for layer in layers:
                x = layer(x, positions, next(slots))
            return x

        embedded = self.embed_input_ids(input_ids) if inputs_embeds is None else inputs_embeds
        prelude_output = run(self.prelude, embedded)
        # The released code draws the first state at random; zeros are legal too, and an answer
        # does not change with the batch that its request is in.
        state = torch.zeros_like(prelude_output)
        for _ in range(self.recurrences):
            state = self.adapter(torch.cat((state, prelude_output), dim=-1))
            state = run(self.core_block, state)
        return self.ln_f(run(self.coda, self.ln_f(state)))


class RavenForCausalLM(nn.Module):
    # Nothing is fused here that the checkpoint has apart.
    packed_modules_mapping = {}

    def __init__(self, *, vllm_config, prefix=""):
        super().__init__()
        config = vllm_config.model_config.hf_config
        if faults := config.faults():
            raise ValueError("This config cannot be run: " + "; ".join(faults))
        # The released model has 55 heads, which 2, 4 and 8 GPUs cannot share.
        if (size := vllm_config.parallel_config.tensor_parallel_size) != 1:
            raise ValueError(
                f"Tensor parallel size: expected 1, found {size}; use --data-parallel-size"
            )
        use_where_needed(vllm_config.model_config.dtype)
        self.transformer = Transformer(vllm_config=vllm_config, prefix="transformer")
        # vLLM unties the config of a checkpoint that stores a head, and ties the two again where the
        # loaded values are equal, as in the released one.
        self.lm_head = (
            self.transformer.wte
            if config.tie_embeddings
            else ParallelLMHead(
                config.padded_vocab_size,
                config.n_embd,
                padding_size=1,
                quant_config=vllm_config.quant_config,
                prefix="lm_head",
            )
        )
        self.logits_processor = LogitsProcessor(config.vocab_size)

    def embed_input_ids(self, input_ids):
        return self.transformer.embed_input_ids(input_ids)

    def forward(self, input_ids, positions, intermediate_tensors=None, inputs_embeds=None):
        return self.transformer(input_ids, positions, intermediate_tensors, inputs_embeds)

    def compute_logits(self, hidden_states):
        return self.logits_processor(self.lm_head, hidden_states)

    def load_weights(self, weights):
        parameters = dict(self.named_parameters())
        # The rotary table is made by `Rotary`.
        load(parameters, (pair for pair in weights if pair[0] != "freqs_cis"))
        return set(parameters)
