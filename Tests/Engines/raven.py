#!/usr/bin/env python3
"""Loads packs into the authors' RavenForCausalLM and compares its logits with the golden ones.

usage: raven.py MUNINN [CHECKOUT]

CHECKOUT is a copy of seal-rg/recurrent-pretraining, of which recpre/raven_modeling_minimal.py and
recpre/raven_config_minimal.py are read; it needs torch and transformers (4.51.3). Without it nothing is compared.
"""
import json
import os
import subprocess
import sys
import tempfile

if len(sys.argv) < 3:
    print("raven: not compared with the authors' model: RAVEN names no checkout of seal-rg/recurrent-pretraining, "
          "RAVEN_PYTHON no interpreter with torch and transformers")
    sys.exit(0)

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path[:0] = [os.path.join(ROOT, "formats", "readers"), os.path.abspath(sys.argv[2])]
import numpy as np
import torch
from recpre.raven_config_minimal import RavenConfig
from recpre.raven_modeling_minimal import RavenForCausalLM

import muninn_pack

# Of the largest logit: in f32, sums in another order differ by some units in the last place (6e-8); int8 does damage.
TOLERANCES = {"f32": 2e-6, "int8": 0.05}
DTYPES = {"F32": "<f4", "I64": "<i8"}


def golden(path):
    with open(path, "rb") as file:
        entries = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    entries.pop("__metadata__", None)
    return {name: torch.from_numpy(np.frombuffer(data[slice(*each["data_offsets"])], DTYPES[each["dtype"]])
                                   .reshape(each["shape"]).copy()) for name, each in entries.items()}


torch.set_num_threads(1)
failures = 0
for name in ("huginn-nano", "huginn-tiny"):
    checkpoint = os.path.join(ROOT, "fixtures", "checkpoints", name)
    expected = golden(os.path.join(checkpoint, "golden.safetensors"))
    with open(os.path.join(checkpoint, "golden.json")) as file:
        steps = json.load(file)["steps"]
    with open(os.path.join(checkpoint, "config.json")) as file:
        config = RavenConfig(**json.load(file))
    for encoding, tolerance in TOLERANCES.items():
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "pack.muninn")
            subprocess.run([sys.argv[1], "convert", checkpoint, path, "--weights", encoding, "--quiet"], check=True,
                           stdout=subprocess.DEVNULL)
            pack = muninn_pack.Pack(path)
            model = RavenForCausalLM(config).eval()
            print(f"{name} {encoding}: {model.load_state_dict(pack.to_torch_state_dict(), strict=True)}")
        if model.lm_head.weight is not model.transformer.wte.weight:
            print("raven: the head is not the embedding")
            failures += 1
        tokens = expected["input_ids"][None]
        for count in steps:
            with torch.no_grad():
                state = torch.zeros(1, tokens.shape[1], config.n_embd)
                logits = model(tokens, input_states=state, num_steps=torch.tensor([count, 0])).logits[0]
            reference = expected[f"zero_state.steps_{count}.logits"]
            difference = (logits - reference).abs().max().item()
            largest = reference.abs().max().item()
            print(f"  r = {count:2}: logits up to {largest:.3f} differ by at most {difference:.2e}")
            failures += not difference <= tolerance * largest
sys.exit(1 if failures else 0)
