"""A vLLM plugin for Huginn-0125, a language model that repeats its core layers r times a token."""


def register():
    """Tells vLLM the config and the model. Called once in each of its processes."""
    from transformers import AutoConfig
    from vllm import ModelRegistry

    from .config import HuginnConfig

    AutoConfig.register(HuginnConfig.model_type, HuginnConfig, exist_ok=True)
    # As text: vLLM imports the model only where it runs it.
    ModelRegistry.register_model("RavenForCausalLM", "muninn_vllm.model:RavenForCausalLM")
