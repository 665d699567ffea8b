"""The list of kinds of directories, each with who writes it and the right verdict."""
import importlib.metadata
import json
import shutil

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

import container  # noqa: F401
from trial import CHECKPOINTS, values

CASES = []
NANO, TINY = CHECKPOINTS / "huginn-nano", CHECKPOINTS / "huginn-tiny"


def version(package):
    return f"{package} {importlib.metadata.version(package)}"


def case(kind, writer, verdict):
    """Registers a function of a trial and a directory to work in."""
    def register(function):
        CASES.append((kind, writer, verdict, function))
        return function
    return register


def config(**members):
    """The config of the small checkpoint, with other members; None removes one."""
    found = json.loads((NANO / "config.json").read_text()) | members
    return {key: value for key, value in found.items() if value is not None}


def model(dtype=torch.float32, directory=NANO):
    return AutoModelForCausalLM.from_pretrained(directory, dtype=dtype)


def plain(directory, tensors=None, members=None):
    """A checkpoint in one file, beside a config: the small one, or with other tensors."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "config.json").write_text(json.dumps(config() if members is None else members, indent=2) + "\n")
    save_file(values(NANO) if tensors is None else tensors, directory / "model.safetensors", {"format": "pt"})
    return directory


def rounded(work, dtype):
    """The small checkpoint in another dtype, as a reference for what holds the same values."""
    return plain(work / f"rounded-{str(dtype).removeprefix('torch.')}", values(NANO, dtype))


def copied(work, source=NANO, name="copy", leave=("golden.safetensors", "golden.json")):
    return shutil.copytree(source, work / name, ignore=shutil.ignore_patterns(*leave))
