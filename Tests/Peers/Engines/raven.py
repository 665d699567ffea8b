#!/usr/bin/env python3
"""Lets the authors' RavenForCausalLM load what muninn writes, and compares its logits with muninn's and the golden ones.

usage: raven.py MUNINN CHECKOUT

CHECKOUT is a copy of seal-rg/recurrent-pretraining, of which recpre/raven_modeling_minimal.py and
recpre/raven_config_minimal.py are read. Needs torch, safetensors and transformers (4.51.3). The model gets its weights
from a pack by the Python reader, strictly, and from directories that `muninn export --to safetensors` wrote.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import types

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "formats/readers"))
# The package itself is for training and imports what that needs: its two modules are taken out of it.
sys.modules["recpre"] = types.ModuleType("recpre")
sys.modules["recpre"].__path__ = [f"{sys.argv[2]}/recpre"]
import torch
from safetensors.torch import load_file
from recpre.raven_modeling_minimal import RavenForCausalLM
from transformers.utils.logging import disable_progress_bar

import muninn_pack
from results import record

ENCODINGS = ["f32", "bf16", "f16", "int8", "int8:row"]
# Of the largest logit. In f32, sums in another order differ by some units in the last place (6e-8).
TOLERANCE = 2e-6


def muninn(*arguments):
    subprocess.run([sys.argv[1], *map(str, arguments), "--quiet"], check=True, stdout=subprocess.DEVNULL)


def exported(source, target, *options):
    """The model as transformers loads an exported directory."""
    muninn("export", source, target, "--to", "safetensors", *options)
    model, found = RavenForCausalLM.from_pretrained(target, torch_dtype=torch.float32, output_loading_info=True)
    assert not any(found.values()), found
    return model


def read(pack, config):
    """The model with what the Python reader makes of a pack."""
    model = RavenForCausalLM(config)
    model.load_state_dict(muninn_pack.Pack(pack).to_torch_state_dict(), strict=True)
    return model


def logits(model, tokens, steps):
    state = torch.zeros(1, len(tokens), model.config.n_embd)
    with torch.no_grad():
        return model.eval()(tokens[None], input_states=state, num_steps=torch.tensor([steps, 0])).logits[0]


def compare(what, models, tokens, expected):
    """Each model at each number of recurrences; the largest difference, as a share of the largest logit."""
    largest = 0
    for model in models:
        assert model.lm_head.weight is model.transformer.wte.weight, "the head is not the embedding"
        for steps, reference in expected.items():
            difference = (logits(model, tokens, steps) - reference).abs().max() / reference.abs().max()
            largest = max(largest, difference.item())
    record("PyTorch", what, f"within {largest:.1e} of the largest logit, r = {', '.join(map(str, expected))}")
    return largest <= TOLERANCE


def checked(name, work):
    checkpoint = ROOT / "fixtures/checkpoints" / name
    golden = load_file(checkpoint / "golden.safetensors")
    tokens = golden["input_ids"]
    counts = json.loads((checkpoint / "golden.json").read_text())["steps"]
    goldens = {steps: golden[f"zero_state.steps_{steps}.logits"] for steps in counts}
    whole = exported(checkpoint, work / name)
    good = [compare(f"{name}, export of the checkpoint, goldens", [whole], tokens, goldens)]
    for encoding in ENCODINGS:
        place = f"{name}-{encoding.replace(':', '-')}"
        pack = work / f"{place}.muninn"
        muninn("convert", checkpoint, pack, "--weights", encoding)
        models = [read(pack, whole.config), exported(pack, work / place, "--shard-size", "2MB")]
        ours = {}
        for steps in counts:
            file = work / f"{place}-{steps}.safetensors"
            muninn("logits", pack, "--tokens", ",".join(map(str, tokens.tolist())), "--steps", steps, "--output", file)
            ours[steps] = load_file(file)["logits"]
        good.append(compare(f"{name}, {encoding} pack, reader and export, muninn logits", models, tokens, ours))
        if encoding == "f32":
            good.append(compare(f"{name}, {encoding} pack, reader and export, goldens", models, tokens, goldens))
    return good


def main():
    disable_progress_bar()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as work:
        good = [each for name in ("huginn-nano", "huginn-tiny") for each in checked(name, pathlib.Path(work))]
    sys.exit(0 if all(good) else f"raven.py: beyond {TOLERANCE} of the largest logit")


if __name__ == "__main__":
    main()
