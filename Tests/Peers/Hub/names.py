"""Names as training wrappers leave them."""
import peft
import torch

from cases import NANO, case, model, plain, version
from trial import values

TORCH, PEFT = version("torch"), version("peft")
WARNING = "taken, with one warning that names what stood before the names"


def wrapped(trial, work, tensors, pattern):
    """Values without the head, which a state dict has twice."""
    tensors = {name: tensor.detach().clone() for name, tensor in tensors.items() if not name.endswith("lm_head.weight")}
    assert len(tensors) == len(values(NANO)) and tensors.keys() != values(NANO).keys()
    trial.taken(plain(work / "saved", tensors), warnings=[pattern])
    trial.exported(work / "saved")


def renamed(rename):
    return {rename(name): tensor for name, tensor in values(NANO).items()}


@case("`_orig_mod.` before each name", f"{TORCH}, `torch.compile(model).state_dict()`", WARNING)
def compiled(trial, work):
    wrapped(trial, work, torch.compile(model()).state_dict(), "_orig_mod")


@case("`_orig_mod.` inside the names, of layers compiled one by one", f"{TORCH} and {version('transformers')}, `save_pretrained`", WARNING)
def regions(trial, work):
    whole = model()
    for stage in (whole.transformer.prelude, whole.transformer.core_block, whole.transformer.coda):
        for name, layer in stage.named_children():
            stage.add_module(name, torch.compile(layer))
    whole.save_pretrained(work / "saved")
    trial.taken(work / "saved", warnings=["_orig_mod"])
    trial.exported(work / "saved")


@case("`module.` before each name", f"{TORCH}, `DataParallel`; DeepSpeed and DDP write the same", WARNING)
def parallel(trial, work):
    wrapped(trial, work, torch.nn.DataParallel(model()).state_dict(), r"module\.")


@case("`model.` before each name", f"{TORCH}, a module around the model, as Lightning has it", WARNING)
def lightning(trial, work):
    outer = torch.nn.Module()
    outer.model = model()
    wrapped(trial, work, outer.state_dict(), r"model\.")


@case("`_fsdp_wrapped_module.` before each name and after each layer's number", f"the names of {TORCH}, FSDP", WARNING)
def sharded(trial, work):
    def rename(name):
        parts = name.split(".")
        if parts[1] in ("prelude", "core_block", "coda"):
            parts.insert(3, "_fsdp_wrapped_module")
        return ".".join(["_fsdp_wrapped_module", *parts])
    wrapped(trial, work, renamed(rename), "_fsdp_wrapped_module")


@case("`module._orig_mod.` before each name", f"{TORCH}, `DataParallel(torch.compile(model))`", WARNING)
def nested(trial, work):
    wrapped(trial, work, torch.nn.DataParallel(torch.compile(model())).state_dict(), r"module\._orig_mod")


@case("`base_model.model.` before each name, the adapter merged and taken off", f"the names of {PEFT}", WARNING)
def merged(trial, work):
    wrapped(trial, work, renamed(lambda name: f"base_model.model.{name}"), r"base_model\.model\.")


def adapted():
    return peft.get_peft_model(model(), peft.LoraConfig(r=4, target_modules=["Wqkv"]))


@case("LoRA adapter: `adapter_config.json`, `adapter_model.safetensors`", f"{PEFT}, `save_pretrained`", "refused: an adapter, to be merged first")
def adapter(trial, work):
    adapted().save_pretrained(work / "saved")
    trial.refused(work / "saved", "adapter", "merge")


@case("a model with its LoRA layers not merged: `.base_layer.`, `.lora_A.`", f"{PEFT}, `state_dict()`", "refused in one finding: merge the adapter first")
def unmerged(trial, work):
    tensors = {name: tensor.clone() for name, tensor in adapted().state_dict().items() if not name.endswith("lm_head.weight")}
    trial.refused(plain(work / "saved", tensors), "lora|adapter", "merge")


@case("a prefix before some names and not before others", f"{version('safetensors')}, `torch.save_file`", WARNING)
def partly(trial, work):
    tensors = renamed(lambda name: name if ".coda." in name else f"module.{name}")
    trial.taken(plain(work / "saved", tensors), warnings=[r"module\."])


@case("a tensor under two names, with and without a prefix", f"{version('safetensors')}, `torch.save_file`", "refused: names both")
def twice(trial, work):
    name = "transformer.adapter.weight"
    directory = plain(work / "saved", values(NANO) | {f"module.{name}": values(NANO)[name] * 2})
    ran = trial.run("validate", directory, code=2)
    trial.expect(f"'module.{name}'" in ran.stdout, "the second name is not named")
    trial.run("convert", directory, work / "refused.muninn", code=1)


@case("a LoRA model merged", f"{PEFT}, `merge_and_unload()` and `save_pretrained`", "taken")
def unloaded(trial, work):
    adapted().merge_and_unload().save_pretrained(work / "saved")
    trial.taken(work / "saved")
