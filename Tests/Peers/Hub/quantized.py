"""Configs that speak of a quantization, over float weights and over codes."""
import json

import mlx.core as mx
import torch
from compressed_tensors.compressors import ModelCompressor
from compressed_tensors.quantization import QuantizationConfig, QuantizationStatus, apply_quantization_config
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

from cases import NANO, case, config, model, plain, version
from trial import values

TRANSFORMERS, MLX, COMPRESSED = version("transformers"), version("mlx"), version("compressed-tensors")
BNB = f"{version('bitsandbytes')} and {TRANSFORMERS}, `save_pretrained`"
REFUSED = "refused in one finding: names the scheme, asks for the float checkpoint"
LEFTOVERS = {
    "bitsandbytes": {"quant_method": "bitsandbytes", "load_in_8bit": True, "load_in_4bit": False},
    "gptq": {"quant_method": "gptq", "bits": 4, "group_size": 128, "desc_act": False, "sym": True},
    "compressed-tensors": {"quant_method": "compressed-tensors", "format": "dense", "config_groups": {}, "quantization_status": "frozen"},
    "mlx": {"group_size": 64, "bits": 4, "mode": "affine"}}


@case("`quantization_config` left over above float weights: bitsandbytes, GPTQ, compressed-tensors, MLX", f"{TRANSFORMERS}, the weights dequantized",
      "taken, with one warning; exports leave it out")
def leftover(trial, work):
    for name, members in LEFTOVERS.items():
        directory = plain(work / name, members=config(quantization_config=members))
        trial.taken(directory, warnings=["quantization_config"])
        trial.exported(directory)
        for each in work.glob("export-*/config.json"):
            trial.expect("quantization_config" not in json.loads(each.read_text()), f"{each.parent.name} of {name} keeps quantization_config")


def matrices():
    return [name for name, tensor in values(NANO).items() if tensor.dim() == 2 and not name.endswith("wte.weight")]


def stored(work, quantization, codes, key="quantization_config"):
    """A checkpoint whose matrices are codes, by the tensors that `codes` gives for a matrix."""
    tensors = values(NANO)
    for name in matrices():
        tensors |= codes(name.removesuffix(".weight"), tensors.pop(name))
    return plain(work / "saved", tensors, config(**{key: quantization}))


def of_bits(trial, work, **options):
    quantized = AutoModelForCausalLM.from_pretrained(NANO, dtype=torch.float16, quantization_config=BitsAndBytesConfig(**options))
    quantized.save_pretrained(work / "saved")
    trial.refused(work / "saved", "bitsandbytes", "float")


@case("bitsandbytes int8", BNB, REFUSED)
def int8(trial, work):
    of_bits(trial, work, load_in_8bit=True)


@case("bitsandbytes nf4", BNB, REFUSED)
def nf4(trial, work):
    of_bits(trial, work, load_in_4bit=True, bnb_4bit_quant_type="nf4")


@case("GPTQ, 4 bits", "the layout of GPTQ", REFUSED)
def gptq(trial, work):
    def codes(module, matrix):
        rows, columns = matrix.shape
        return {f"{module}.qweight": torch.ones(columns // 8, rows, dtype=torch.int32),
                f"{module}.qzeros": torch.ones(columns // 32, rows // 8, dtype=torch.int32),
                f"{module}.scales": torch.ones(columns // 32, rows, dtype=torch.float16),
                f"{module}.g_idx": torch.arange(columns, dtype=torch.int32) // 32}
    quantization = {"quant_method": "gptq", "bits": 4, "group_size": 32, "desc_act": False, "sym": True, "checkpoint_format": "gptq"}
    trial.refused(stored(work, quantization, codes), "gptq", "float")


@case("AWQ, 4 bits", "the layout of AWQ", REFUSED)
def awq(trial, work):
    def codes(module, matrix):
        rows, columns = matrix.shape
        return {f"{module}.qweight": torch.ones(columns, rows // 8, dtype=torch.int32),
                f"{module}.qzeros": torch.ones(columns // 32, rows // 8, dtype=torch.int32),
                f"{module}.scales": torch.ones(columns // 32, rows, dtype=torch.float16)}
    trial.refused(stored(work, {"quant_method": "awq", "bits": 4, "group_size": 32, "version": "gemm", "zero_point": True}, codes), "awq", "float")


@case("FP8 in blocks of 128 × 128", f"the layout of FP8 in {TRANSFORMERS}", REFUSED)
def fp8(trial, work):
    def codes(module, matrix):
        blocks = [-(-size // 128) for size in matrix.shape]
        return {f"{module}.weight": matrix.to(torch.float8_e4m3fn), f"{module}.weight_scale_inv": torch.ones(blocks)}
    quantization = {"quant_method": "fp8", "activation_scheme": "dynamic", "fmt": "e4m3", "weight_block_size": [128, 128]}
    trial.refused(stored(work, quantization, codes), "fp8", "float")


@case("MLX, 4 bits in groups of 32", f"{MLX}, `mx.quantize` and `mx.save_safetensors`", REFUSED)
def mlx(trial, work):
    tensors = dict(mx.load(str(NANO / "model.safetensors")))
    tensors.pop("freqs_cis", None)
    for name in matrices():
        module = name.removesuffix(".weight")
        tensors[name], tensors[f"{module}.scales"], tensors[f"{module}.biases"] = mx.quantize(tensors[name], 32, 4)
    members = {"group_size": 32, "bits": 4, "mode": "affine"}
    directory = plain(work / "saved", members=config(quantization=members, quantization_config=members))
    mx.save_safetensors(str(directory / "model.safetensors"), tensors, {"format": "mlx"})
    trial.refused(directory, "mlx", "float")


@case("compressed-tensors, 4 bits in groups of 32", f"{COMPRESSED}, `pack-quantized`", REFUSED)
def packed(trial, work):
    group = {"targets": ["Linear"], "weights": {"num_bits": 4, "type": "int", "symmetric": True, "strategy": "group", "group_size": 32}}
    quantization = QuantizationConfig(
        config_groups={"group_0": group}, ignore=["lm_head"], format="pack-quantized", quantization_status=QuantizationStatus.COMPRESSED)
    float_model = model()
    apply_quantization_config(float_model, quantization)
    for name, module in float_model.named_modules():
        if hasattr(module, "weight_scale"):
            module.weight_scale.data.fill_(0.01)
    compressor = ModelCompressor(quantization_config=quantization)
    compressor.compress_model(float_model)
    tensors = {name: tensor.contiguous() for name, tensor in float_model.state_dict().items() if name != "lm_head.weight"}
    assert any(name.endswith("weight_packed") for name in tensors)
    directory = plain(work / "saved", tensors, config())
    compressor.update_config(directory)
    trial.refused(directory, "compressed-tensors", "float")


@case("compressed-tensors, 8 bits: an export", f"muninn; {COMPRESSED} decompresses it", "refused by `convert` and `generate`: names the scheme")
def exported(trial, work):
    pack, target = work / "codes.muninn", work / "saved"
    trial.run("convert", NANO, pack, "--weights", "int8:row", "--quiet")
    trial.run("export", pack, target, "--to", "compressed-tensors", "--scheme", "w8a8", "--quiet")
    trial.refused(target, "compressed-tensors", "float|pack", verbs=("convert", "generate"))


@case("a GGUF file given to `convert` and `generate`", "muninn", "refused: names what it is")
def gguf(trial, work):
    trial.run("export", NANO, work / "model.gguf", "--to", "gguf", "--quiet")
    for verb in (("convert", work / "model.gguf", work / "refused.muninn"), ("generate", work / "model.gguf", "--tokens", "1")):
        ran = trial.run(*verb, code=1)
        trial.expect("gguf" in ran.stderr.lower().replace("model.gguf", ""), f"{verb[0]} does not say that it is GGUF: {ran.stderr.strip()[-200:]}")
