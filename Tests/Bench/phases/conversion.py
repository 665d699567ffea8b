"""Conversions beside the floor and what a user would otherwise quantize with; verbs that only read."""
import os
import shutil
import statistics
import subprocess
import time

from measuring import CORES, byte_count, files, hashing, measured, moving, remove, warm
from setting import HERE

OURS, PEERS = 5, 3


def run_in_memory(setting):
    checkpoint = setting.checkpoint()
    conversions(setting, "memory", checkpoint, setting.memory, ["int8", "int8:row", "f16"], peers=True)
    reading(setting, checkpoint)


def run_on_disk(setting):
    conversions(setting, "disk", setting.checkpoint(), os.path.join(setting.dir, "out"), ["int8"])


def run_f32(setting):
    conversions(setting, "f32", setting.checkpoint("F32"), setting.memory, ["int8"])


def conversions(setting, phase, checkpoint, directory, encodings, peers=False):
    """Ours and the floor, in turn; then the peers."""
    source = files(checkpoint)
    os.makedirs(directory, exist_ok=True)
    pack, scratch = os.path.join(directory, "pack"), os.path.join(directory, "scratch")
    for encoding in encodings:
        ours, floor, hashes = [], [], []
        for _ in range(OURS):
            warm(source)
            ours.append(setting.convert(checkpoint, pack, "--weights", encoding))
            output = files(pack)
            hashes.append(hashing(source + output))
            size = byte_count(output)
            # Only one output at a time, or memory would not hold the source as well.
            remove(pack)
            warm(source)
            floor.append(hashes[-1] + moving(source, scratch, size))
        base = setting.table.add(phase, f"floor of {encoding}", floor, source_bytes=byte_count(source), output_bytes=size)
        median = setting.table.add(
            phase, f"muninn convert --weights {encoding}", [run.wall for run in ours], base, peak_mib=peak_mib(ours))
        if peers and encoding == "int8":
            quantizers(setting, phase, checkpoint, scratch, median, statistics.median(hashes))
    remove(directory)


def peak_mib(runs):
    return round(max(run.peak for run in runs) / 2**20)


def quantizers(setting, phase, checkpoint, scratch, ours, hashes):
    for name in ["torch", "gguf", "mlx"] if setting.peers else []:
        command = [setting.peers, os.path.join(HERE, "peers/quantize.py"), name, checkpoint, scratch]
        runs = []
        for _ in range(PEERS):
            warm(files(checkpoint))
            runs.append(measured(command))
            remove(scratch)
        setting.table.add(phase, f"{name}, bare", [run.wall for run in runs], ours, peak_mib=peak_mib(runs))
        setting.table.add(phase, f"{name}, hashing added", [run.wall + hashes for run in runs], ours)
    if setting.peers and shutil.which("llama-quantize"):
        llama(setting, phase, checkpoint, scratch, ours, hashes)


def llama(setting, phase, checkpoint, scratch, ours, hashes):
    model = os.path.join(setting.dir, "llama-f16.gguf")
    count = str(byte_count(files(checkpoint)) // 2)
    subprocess.run([setting.peers, os.path.join(HERE, "inputs/make_gguf.py"), model, count], check=True)
    seconds = []
    for _ in range(PEERS):
        warm([model])
        seconds.append(measured(["llama-quantize", model, scratch, "Q8_0", str(CORES)]).wall)
        remove(scratch)
    remove(model)
    setting.table.add(phase, "llama-quantize F16 to Q8_0, bare", seconds, ours)
    setting.table.add(phase, "llama-quantize, hashing added", [s + hashes for s in seconds], ours)


def reading(setting, checkpoint):
    """The verbs that only read, against reading and hashing the same bytes."""
    muninn, table, phase = setting.muninn, setting.table, "reading"
    pack = setting.pack()
    segments, source = files(pack), files(checkpoint)
    runs = {name: [] for name in ["hash pack", "verify", "hash checkpoint", "verify checkpoint", "validate", "read"]}
    for _ in range(OURS):
        start = time.perf_counter()
        warm(segments)
        runs["hash pack"].append(time.perf_counter() - start + hashing(segments))
        runs["verify"].append(measured([muninn, "verify", pack, "--quiet"]).wall)
        start = time.perf_counter()
        warm(source)
        runs["read"].append(time.perf_counter() - start)
        runs["hash checkpoint"].append(runs["read"][-1] + hashing(source))
        runs["verify checkpoint"].append(measured([muninn, "verify", checkpoint, "--quiet"]).wall)
        runs["validate"].append(measured([muninn, "validate", checkpoint, "--quiet"]).wall)
    base = table.add(phase, "read and hash the pack", runs["hash pack"])
    table.add(phase, "muninn verify PACK", runs["verify"], base)
    base = table.add(phase, "read and hash the checkpoint", runs["hash checkpoint"])
    table.add(phase, "muninn verify CHECKPOINT", runs["verify checkpoint"], base)
    base = table.add(phase, "read the checkpoint", runs["read"])
    table.add(phase, "muninn validate", runs["validate"], base)
    base = table.add(phase, "muninn --version", [measured([muninn, "--version"]).wall for _ in range(20)])
    for name, command in [
        ("muninn inspect", [muninn, "inspect", checkpoint]),
        ("muninn validate --headers-only", [muninn, "validate", checkpoint, "--headers-only"]),
    ]:
        table.add(phase, name, [measured(command).wall for _ in range(20)], base)
    # The program measures itself: an engine has started long before.
    opening = [float(measured([setting.example, pack]).output) for _ in range(20)]
    table.add(phase, "open a pack, touch its first weight", opening)


def run_scaling(setting):
    """Time and memory by size and threads."""
    for scale in [setting.scale, setting.scale / 2, setting.scale / 8]:
        checkpoint = setting.checkpoint(scale=scale)
        source, pack = files(checkpoint), os.path.join(setting.memory, "pack")
        os.makedirs(setting.memory, exist_ok=True)
        base = None
        for jobs in [1, 2]:
            runs = []
            for _ in range(PEERS):
                warm(source)
                runs.append(setting.convert(checkpoint, pack, "-j", str(jobs)))
            remove(pack)
            seconds = [run.wall for run in runs]
            rate = round(byte_count(source) / statistics.median(seconds) / 1e9, 3)
            median = setting.table.add(
                "scaling", f"scale {scale:g}, -j {jobs}", seconds, base, gb_per_second=rate, peak_mib=peak_mib(runs))
            base = base or median
