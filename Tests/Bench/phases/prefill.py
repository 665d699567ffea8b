"""Long prompts: time by each build, memory beside the pack and the cache, and the share of it that products are.

A pass multiplies every matrix of the layers that it runs with all of its tokens. What it takes is compared with what
the product kernel alone takes for as many products, with as many vectors at a time and on as many threads; both in
processor time, in turn.
"""
import json
import os
import statistics

from measuring import CORES, measured

PROMPTS = [64, 512]
STEPS = 4
#: The tokens that the model takes at a time.
PART = 128


def run(setting):
    pack = setting.pack()
    kernel = setting.program("multiply")
    with open(os.path.join(setting.checkpoint(), "config.json")) as file:
        config = json.load(file)
    for tokens in PROMPTS:
        prompt = ",".join(str(token % 200 + 1) for token in range(tokens))
        command = ["generate", pack, "--tokens", prompt, "--steps", str(STEPS), "--max-tokens", "1", "--json", "--quiet"]
        runs, rates = {build: [] for build in setting.builds}, []
        for _ in range(setting.rounds):
            for build, found in setting.in_turn(*command, rounds=1).items():
                runs[build] += found
            vectors = str(min(tokens, PART))
            row = json.loads(measured([kernel, str(CORES), "products", "best", "int8:32", vectors]).output)[0]
            rates.append(row["products_per_cpu_second"])
        report(setting, f"a prompt of {tokens} tokens, r = {STEPS}", runs)
        alone = products(config, tokens) / statistics.median(rates)
        setting.table.add(
            "prefill", f"the kernel alone, {tokens} tokens, processor time", [alone],
            statistics.median(run.cpu for run in runs["ours"]), products=products(config, tokens))


def report(setting, name, runs):
    cache = json.loads(runs["ours"][0].output)["cache_bytes"]
    memory = {
        build: round((max(run.anonymous_peak for run in found) - cache) / 2**20) for build, found in runs.items()}
    setting.table.add_builds(
        "prefill", f"{name}, processor time", {build: [run.cpu for run in found] for build, found in runs.items()})
    setting.table.add_builds(
        "prefill", f"{name}, wall time", {build: [run.wall for run in found] for build, found in runs.items()},
        mib_beside_pack_and_cache=memory, cache_mib={build: round(cache / 2**20) for build in runs})


def products(config, tokens):
    """Multiplications of a pass over a prompt; the head sees the last token of each part."""
    width, inner = config["n_embd"], config["intermediate_size"]
    layers = config["n_layers_in_prelude"] + STEPS * config["n_layers_in_recurrent_block"] + config["n_layers_in_coda"]
    token = layers * (4 * width**2 + 3 * width * inner) + STEPS * 2 * width**2
    return tokens * token + -(-tokens // PART) * config["padded_vocab_size"] * width
