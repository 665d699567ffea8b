"""Huginn as transformers wants to save and load it: a config and the parameters, by name and shape, and no forward pass."""
import torch
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedConfig, PreTrainedModel


class RavenConfig(PreTrainedConfig):
    model_type = "huginn_raven"

    def __init__(self, tie_embeddings=True, **members):
        self.tie_embeddings = tie_embeddings
        super().__init__(**({"tie_word_embeddings": tie_embeddings} | members))


def layer(config):
    d, m = config.n_embd, config.intermediate_size
    heads = config.n_heads
    attention = {"qk_bias": (2, 1, heads, d // heads), "Wqkv.weight": (3 * d, d), "proj.weight": (d, d)}
    gated = {"fc.weight": (2 * m, d), "proj.weight": (d, m)}
    shapes = {f"attn.{name}": shape for name, shape in attention.items() if name != "qk_bias" or config.qk_bias}
    shapes |= {f"mlp.{name}": shape for name, shape in gated.items()}
    return shapes | {f"norm_{number}.weight": (d,) for number in range(1, 5)}


def shapes(config):
    """The tensors of formats/huginn-layout.md, the head included."""
    d, vocabulary = config.n_embd, config.padded_vocab_size
    found = {"transformer.wte.weight": (vocabulary, d), "transformer.adapter.weight": (d, 2 * d),
             "transformer.ln_f.weight": (d,), "lm_head.weight": (vocabulary, d)}
    counts = {"prelude": config.n_layers_in_prelude, "core_block": config.n_layers_in_recurrent_block,
              "coda": config.n_layers_in_coda}
    for stage, count in counts.items():
        for number in range(count):
            found |= {f"transformer.{stage}.{number}.{name}": shape for name, shape in layer(config).items()}
    return found


def child(module, name, make):
    if name not in module._modules:
        module.add_module(name, make())
    return module._modules[name]


class RavenForCausalLM(PreTrainedModel):
    config_class = RavenConfig
    base_model_prefix = "model"
    _tied_weights_keys = {"lm_head.weight": "transformer.wte.weight"}
    _keys_to_ignore_on_load_unexpected = ["freqs_cis"]

    def __init__(self, config):
        super().__init__(config)
        for name, shape in shapes(config).items():
            *path, last = name.split(".")
            parent = self
            for step in path[:-1]:
                parent = child(parent, step, torch.nn.Module)
            if last == "qk_bias":
                child(parent, path[-1], torch.nn.Module).qk_bias = torch.nn.Parameter(torch.zeros(shape))
            elif path[-1] == "wte":
                parent.add_module("wte", torch.nn.Embedding(*shape))
            elif len(shape) == 2:
                parent.add_module(path[-1], torch.nn.Linear(*reversed(shape), bias=False))
            else:
                parent.add_module(path[-1], torch.nn.RMSNorm(shape))
        self.post_init()

    def _init_weights(self, module):
        pass

    def get_input_embeddings(self):
        return self.transformer.wte

    def get_output_embeddings(self):
        return self.lm_head


AutoConfig.register("huginn_raven", RavenConfig)
AutoModelForCausalLM.register(RavenConfig, RavenForCausalLM)
