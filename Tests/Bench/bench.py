#!/usr/bin/env python3
"""Times muninn beside the machine's floor, public tools and another build, in one run; prints ratios of medians.

usage: bench.py MUNINN EXAMPLE [--dir DIR] [--scale S] [--phases PHASE,...] [--rounds N]
                [--peers PYTHON] [--ggml DIR] [--base CHECKOUT]
Everything is made in DIR and removed again but for bench.json. The floor of a conversion is moving the bytes (cat the
input, dd as many as the output, synced) plus hashing them once with openssl on all cores. CHECKOUT is another checkout
of this repository, built with `make build`: its executable and its kernels are run in turn with ours.
"""
import argparse
import json
import os
import platform

from measuring import CORES, measured, remove
from phases import archive, conversion, evaluation, inference, kernels, prefill, products
from setting import Setting

#: In the order in which they run. Those before `scaling` share a checkpoint in bfloat16.
PHASES = {
    "kernels": kernels.run,
    "products": products.run,
    "evaluation": evaluation.run,
    "bf16": conversion.run_in_memory,
    "disk": conversion.run_on_disk,
    "archive": archive.run,
    "inference": inference.run,
    "prefill": prefill.run,
    "scaling": conversion.run_scaling,
    "f32": conversion.run_f32,
}


def machine(setting):
    """What the numbers depend on."""
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "")
    versions = {name: measured([muninn, "--version"]).output.strip() for name, (muninn, _) in setting.builds.items()}
    versions["openssl"] = measured(["openssl", "version"]).output.strip()
    if setting.peers:
        code = "import importlib.metadata as m\nfor n in ['torch','safetensors','gguf','mlx','numpy']:\n  print(n, m.version(n))"
        versions.update(line.split() for line in measured([setting.peers, "-c", code]).output.splitlines())
    return {
        "cpu": model, "cores": CORES, "kernel": platform.release(), "scale": setting.scale,
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1), "versions": versions,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("muninn")
    parser.add_argument("example")
    parser.add_argument("--dir", default="/tmp/muninn-bench")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--phases", default=",".join(PHASES), help=f"of {', '.join(PHASES)}; all by default")
    parser.add_argument("--rounds", type=int, default=3, help="how often what is compared in turn is run")
    parser.add_argument("--peers", help="a Python that has torch, safetensors, gguf and mlx")
    parser.add_argument("--ggml", help="a directory that has libggml-base.so and libggml-cpu.so")
    parser.add_argument("--base", help="another checkout, built with make build, to run in turn with this one")
    options = parser.parse_args()
    phases = options.phases.split(",")
    if unknown := set(phases) - set(PHASES):
        parser.error(f"no phases: {', '.join(sorted(unknown))}")
    setting = Setting(options)
    result = {"machine": machine(setting), "table": setting.table.rows}
    print(json.dumps(result["machine"]), flush=True)
    try:
        for name, run in PHASES.items():
            if name in phases:
                run(setting)
    finally:
        with open(os.path.join(setting.dir, "bench.json"), "w") as output:
            json.dump(result, output, indent=1)
        print(f"written to {os.path.join(setting.dir, 'bench.json')}")
    setting.clear()
    remove(os.path.join(setting.dir, "programs"))


if __name__ == "__main__":
    main()
