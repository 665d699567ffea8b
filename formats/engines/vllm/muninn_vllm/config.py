"""The model's `config.json`, with what an older one leaves out."""

from transformers import PretrainedConfig

# What the forward pass of this plugin is; another value is another model.
FIXED = {
    "injection_type": "linear",
    "norm_class_name": "RMSNorm_llama",
    "mlp_class_name": "GatedMLP",
    "nonlin_name": "SiLU",
    "block_class_name": "SandwichBlock",
    "test_time_noise": 0,
}
# These have no default: a model without them is not described.
SIZES = (
    "n_embd", "n_heads", "intermediate_size", "vocab_size", "n_layers_in_prelude",
    "n_layers_in_recurrent_block", "n_layers_in_coda", "mean_recurrence",
)


class HuginnConfig(PretrainedConfig):
    """Both spellings of a key are read: the release's, and the one that vLLM asks for."""

    model_type = "huginn_raven"
    attribute_map = {
        "hidden_size": "n_embd",
        "num_attention_heads": "n_heads",
        "num_hidden_layers": "n_layers",
        "max_position_embeddings": "block_size",
        "tie_word_embeddings": "tie_embeddings",
    }

    n_embd: int | None = None
    n_heads: int | None = None
    num_key_value_heads: int | None = None
    head_dim: int | None = None
    intermediate_size: int | None = None
    vocab_size: int | None = None
    padded_vocab_size: int | None = None
    block_size: int = 4096
    rope_base: float = 50000
    norm_eps: float = 1e-6
    qk_bias: bool = True
    bias: bool = False
    tie_embeddings: bool = True
    n_layers: int | None = None
    n_layers_in_prelude: int | None = None
    n_layers_in_recurrent_block: int | None = None
    n_layers_in_coda: int | None = None
    mean_recurrence: int = 32

    def __post_init__(self, **others):
        super().__post_init__(**others)
        # A config without sizes is made too: transformers writes one to compare with.
        if self.n_embd and self.n_heads:
            self.num_key_value_heads = self.num_key_value_heads or self.n_heads
            self.head_dim = self.head_dim or self.n_embd // self.n_heads
        self.padded_vocab_size = self.padded_vocab_size or self.vocab_size
        if self.n_layers is None and self.n_layers_in_prelude is not None:
            self.n_layers = (
                self.n_layers_in_prelude
                + self.n_layers_in_recurrent_block
                + self.n_layers_in_coda
            )

    def faults(self):
        """What this plugin cannot run, a sentence each. Looked at when the model is built, since
        `hf_overrides` come after the config was read."""
        found = [
            f"'{key}': expected a whole number of at least 1, found {value!r}"
            for key in SIZES
            if not isinstance(value := getattr(self, key), int)
            or isinstance(value, bool)
            or value < 1
        ]
        found += [
            f"'{key}': expected {expected!r}, found {value!r}"
            for key, expected in FIXED.items()
            if (value := getattr(self, key, expected)) != expected
        ]
        if self.num_key_value_heads != self.n_heads:
            found.append(
                f"'num_key_value_heads': expected {self.n_heads}, as many as 'n_heads', "
                f"found {self.num_key_value_heads}"
            )
        return found
