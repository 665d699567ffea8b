#!/usr/bin/env python3
"""Times muninn beside the machine's floor and beside public tools, in one run, and prints ratios of medians.

usage: bench.py MUNINN EXAMPLE [--dir DIR] [--scale S] [--phases kernels,products,bf16,disk,inference,archive,scaling,f32] [--peers PYTHON]
Everything is made in DIR and removed again but for bench.json. The floor of a conversion is moving the bytes (cat the
input, dd as many as the output, synced) plus hashing them once with openssl on all cores.
"""
import argparse
import glob
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
OURS, PEERS = 5, 3
CORES = os.cpu_count()


def run(command, **options):
    """Seconds and standard output of a command."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    output, errors = process.communicate()
    seconds = time.perf_counter() - start
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{errors.decode()}")
    return seconds, output.decode()


def measured(command):
    """Seconds and peak resident bytes: wait4 reports the child alone."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{errors.decode()}")
    return seconds, usage.ru_maxrss * 1024


def files(directory, suffixes=(".safetensors", ".seg")):
    return [path for path in sorted(glob.glob(os.path.join(directory, "*"))) if path.endswith(suffixes)]


def byte_count(paths):
    return sum(os.path.getsize(path) for path in paths)


def warm(paths):
    subprocess.run(["cat", *paths], stdout=subprocess.DEVNULL, check=True)


def remove(path):
    shutil.rmtree(path, ignore_errors=True)
    if os.path.isfile(path):
        os.remove(path)


def hashing(paths):
    """Seconds to hash files with openssl, the longest first, as many at a time as there are cores."""
    ordered = sorted(paths, key=os.path.getsize, reverse=True)
    start = time.perf_counter()
    subprocess.run(
        ["xargs", "-P", str(CORES), "-n", "1", "openssl", "dgst", "-sha256"],
        input="\n".join(ordered).encode(), stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def moving(source, output, size):
    """Seconds to read the source and to write as many bytes as the output has, synced."""
    start = time.perf_counter()
    warm(source)
    mebibytes = str(-(-size // (1 << 20)))
    subprocess.run(
        ["dd", "if=/dev/zero", f"of={output}", "bs=1M", f"count={mebibytes}", "conv=fsync"],
        stderr=subprocess.DEVNULL, check=True)
    seconds = time.perf_counter() - start
    os.remove(output)
    return seconds


class Table:
    """Rows of medians; kept for bench.json and printed as they come."""

    def __init__(self):
        self.rows = []

    def add(self, phase, name, seconds, baseline=None, **more):
        median = statistics.median(seconds)
        row = {"phase": phase, "name": name, "median_seconds": round(median, 4), "runs": [round(s, 4) for s in seconds]}
        if baseline is not None:
            row["ratio"] = round(median / baseline, 3)
        row.update(more)
        self.rows.append(row)
        extra = "".join(f"  {key} {value}" for key, value in more.items())
        ratio = f"{row['ratio']:6.2f} x" if "ratio" in row else " " * 8
        print(f"{phase:<10} {name:<44} {median:9.3f} s {ratio}{extra}", flush=True)
        return median


class Bench:
    def __init__(self, options):
        self.muninn, self.example, self.options = options.muninn, options.example, options
        self.dir, self.table = options.dir, Table()
        self.memory = "/dev/shm/muninn-bench"

    def checkpoint(self, dtype, scale):
        path = os.path.join(self.dir, f"checkpoint-{dtype}-{scale}")
        if not os.path.exists(path):
            parameters = 3.92e9 * scale
            needed = int(parameters * (4 if dtype == "F32" else 2) * 1.6)
            free = shutil.disk_usage(self.dir).free
            if needed > free:
                raise SystemExit(f"{self.dir}: {needed:,} bytes are needed, {free:,} are free; see BENCH_DIR and BENCH_SCALE")
            subprocess.run(
                [sys.executable, os.path.join(HERE, "make_checkpoint.py"), path, "--dtype", dtype, "--scale", str(scale)],
                check=True)
        return path

    def convert(self, checkpoint, pack, *flags):
        remove(pack)
        return measured([self.muninn, "convert", checkpoint, pack, "--quiet", *flags])

    def conversions(self, phase, checkpoint, directory, encodings, peers):
        """Ours and the floor, interleaved; then the peers."""
        source = files(checkpoint)
        os.makedirs(directory, exist_ok=True)
        pack, scratch = os.path.join(directory, "pack"), os.path.join(directory, "scratch")
        for encoding in encodings:
            ours, floor, hashes, peak = [], [], [], 0
            for _ in range(OURS):
                warm(source)
                seconds, resident = self.convert(checkpoint, pack, "--weights", encoding)
                ours.append(seconds)
                peak = max(peak, resident)
                output = files(pack)
                hashes.append(hashing(source + output))
                size = byte_count(output)
                # Only one output at a time, or memory would not hold the source as well.
                remove(pack)
                warm(source)
                floor.append(hashes[-1] + moving(source, scratch, size))
            base = self.table.add(phase, f"floor of {encoding}", floor, source_bytes=byte_count(source), output_bytes=size)
            self.table.add(phase, f"muninn convert --weights {encoding}", ours, base, peak_mib=round(peak / 2**20))
            if peers and encoding == "int8":
                self.peers(phase, checkpoint, scratch, statistics.median(ours), statistics.median(hashes))
        remove(directory)

    def peers(self, phase, checkpoint, scratch, ours, hashes):
        for name in ["torch", "gguf", "mlx"] if self.options.peers else []:
            command = [self.options.peers, os.path.join(HERE, "peers.py"), name, checkpoint, scratch]
            seconds, peak = [], 0
            for _ in range(PEERS):
                warm(files(checkpoint))
                elapsed, resident = measured(command)
                seconds.append(elapsed)
                peak = max(peak, resident)
                remove(scratch)
            self.table.add(phase, f"{name}, bare", seconds, ours, peak_mib=round(peak / 2**20))
            self.table.add(phase, f"{name}, hashing added", [s + hashes for s in seconds], ours)
        if shutil.which("llama-quantize"):
            self.llama(phase, checkpoint, scratch, ours, hashes)

    def llama(self, phase, checkpoint, scratch, ours, hashes):
        model = os.path.join(self.dir, "llama-f16.gguf")
        count = str(byte_count(files(checkpoint)) // 2)
        subprocess.run([self.options.peers, os.path.join(HERE, "make_gguf.py"), model, count], check=True)
        seconds = []
        for _ in range(PEERS):
            warm([model])
            seconds.append(measured(["llama-quantize", model, scratch, "Q8_0", str(CORES)])[0])
            remove(scratch)
        remove(model)
        self.table.add(phase, "llama-quantize F16 to Q8_0, bare", seconds, ours)
        self.table.add(phase, "llama-quantize, hashing added", [s + hashes for s in seconds], ours)

    def reading(self, phase, checkpoint):
        """The verbs that only read, against reading and hashing the same bytes."""
        pack = os.path.join(self.memory, "pack")
        os.makedirs(self.memory, exist_ok=True)
        self.convert(checkpoint, pack)
        segments, source = files(pack), files(checkpoint)
        runs = {name: [] for name in ["hash pack", "verify", "hash checkpoint", "verify checkpoint", "validate", "read"]}
        for _ in range(OURS):
            start = time.perf_counter()
            warm(segments)
            runs["hash pack"].append(time.perf_counter() - start + hashing(segments))
            runs["verify"].append(measured([self.muninn, "verify", pack, "--quiet"])[0])
            start = time.perf_counter()
            warm(source)
            runs["read"].append(time.perf_counter() - start)
            runs["hash checkpoint"].append(runs["read"][-1] + hashing(source))
            runs["verify checkpoint"].append(measured([self.muninn, "verify", checkpoint, "--quiet"])[0])
            runs["validate"].append(measured([self.muninn, "validate", checkpoint, "--quiet"])[0])
        base = self.table.add(phase, "read and hash the pack", runs["hash pack"])
        self.table.add(phase, "muninn verify PACK", runs["verify"], base)
        base = self.table.add(phase, "read and hash the checkpoint", runs["hash checkpoint"])
        self.table.add(phase, "muninn verify CHECKPOINT", runs["verify checkpoint"], base)
        base = self.table.add(phase, "read the checkpoint", runs["read"])
        self.table.add(phase, "muninn validate", runs["validate"], base)
        base = self.table.add(phase, "muninn --version", [measured([self.muninn, "--version"])[0] for _ in range(20)])
        for name, command in [
            ("muninn inspect", [self.muninn, "inspect", checkpoint]),
            ("muninn validate --headers-only", [self.muninn, "validate", checkpoint, "--headers-only"]),
        ]:
            self.table.add(phase, name, [measured(command)[0] for _ in range(20)], base)
        # The program measures itself: an engine has started long before.
        self.table.add(phase, "open a pack, touch its first weight", [float(run([self.example, pack])[1]) for _ in range(20)])
        remove(self.memory)

    def archiving(self, checkpoint):
        """Archives beside zstd -T0 of a tar of the same bytes, and back; outputs in memory, so that no disk is timed."""
        directory = os.path.join(self.dir, "archiving")
        os.makedirs(directory, exist_ok=True)
        os.makedirs(self.memory, exist_ok=True)
        pack, made = os.path.join(directory, "pack"), os.path.join(self.memory, "archive")
        for encoding in ["int8", "f16", "bf16"]:
            self.convert(checkpoint, pack, "--weights", encoding)
            size = byte_count(files(pack))
            pack_line = f"tar c -C {directory} pack | zstd -q -f -T0 -1 -o {made}"
            commands = {"tar | zstd -T0 -1": ["sh", "-c", pack_line],
                        "muninn archive": [self.muninn, "archive", pack, "-o", made, "--quiet", "--force"]}
            if encoding != "int8":
                commands["muninn archive --split"] = [*commands["muninn archive"], "--split"]
            seconds, sizes, peaks = ({name: [] for name in commands} for _ in range(3))
            for _ in range(PEERS):
                for name, command in commands.items():
                    warm(files(pack))
                    elapsed, peak = measured(command)
                    seconds[name].append(elapsed)
                    sizes[name], peaks[name] = os.path.getsize(made), round(peak / 2**20)
                    shutil.move(made, os.path.join(directory, name.replace(" ", "-").replace("|", "+")))
            base = None
            for name in commands:
                median = self.table.add(
                    "archive", f"{encoding}: {name}", seconds[name], base, of_pack=round(sizes[name] / size, 4),
                    mb_per_second=round(size / statistics.median(seconds[name]) / 1e6), peak_mib=peaks[name])
                base = base or median
            remove(pack)
            restored = os.path.join(self.memory, "restored")
            seconds = {name: [] for name in commands}
            for _ in range(PEERS):
                for name in commands:
                    path = os.path.join(directory, name.replace(" ", "-").replace("|", "+"))
                    warm([path])
                    os.makedirs(self.memory, exist_ok=True)
                    if name.startswith("tar"):
                        os.makedirs(restored)
                        command = ["sh", "-c", f"zstd -q -d < {path} | tar x -C {restored}"]
                    else:
                        command = [self.muninn, "unarchive", path, restored, "--quiet"]
                    seconds[name].append(measured(command)[0])
                    remove(restored)
            base = None
            for name in commands:
                label = "zstd -d | tar x" if name.startswith("tar") else name.replace("archive", "unarchive")
                median = self.table.add(
                    "archive", f"{encoding}: {label}", seconds[name], base,
                    mb_per_second=round(size / statistics.median(seconds[name]) / 1e6))
                base = base or median
        remove(directory)
        remove(self.memory)

    def scaling(self):
        os.makedirs(self.memory, exist_ok=True)
        for scale in [self.options.scale / 8, self.options.scale / 2, self.options.scale]:
            checkpoint = self.checkpoint("BF16", scale)
            source = files(checkpoint)
            base = None
            for jobs in [1, 2]:
                seconds, peak = [], 0
                for _ in range(PEERS):
                    warm(source)
                    elapsed, resident = self.convert(checkpoint, os.path.join(self.memory, "pack"), "-j", str(jobs))
                    seconds.append(elapsed)
                    peak = max(peak, resident)
                remove(os.path.join(self.memory, "pack"))
                rate = round(byte_count(source) / statistics.median(seconds) / 1e9, 3)
                median = self.table.add(
                    "scaling", f"scale {scale:g}, -j {jobs}", seconds, base, gb_per_second=rate, peak_mib=round(peak / 2**20))
                base = base or median
            if scale != self.options.scale:
                remove(checkpoint)
        remove(self.memory)

    def c_rows(self, name, *arguments):
        """What a C program over the kernels measures."""
        program = os.path.join(self.dir, name)
        sources = os.path.join(HERE, "../../Sources/CMuninnKernels")
        subprocess.run(
            ["clang", "-O2", f"-I{sources}/include", *glob.glob(f"{sources}/*.c"), os.path.join(HERE, f"{name}.c"),
             "-lpthread", "-o", program],
            check=True)
        rows = json.loads(run([program, *arguments])[1])
        os.remove(program)
        return rows

    def inference(self, checkpoint):
        """Products against reading, one layer against PyTorch, and tokens by recurrences, with and without drafts."""
        rates = {}
        for row in self.c_rows("multiply", str(CORES), "reading"):
            name = f"{row['operation']} x {row['vectors']}" if "vectors" in row else row["operation"]
            rates[name] = row["bytes_per_second"]
            print(f"inference  {name:<44} {row['bytes_per_second'] / 1e9:7.2f} GB/s {row.get('of_reading', 1):6.2f} of reading", flush=True)
            self.table.rows.append({"phase": "inference", "name": name, **row})
        layer = 4 * 5280 * 5280 + 3 * 5280 * 17920
        ours = layer / rates["int8:32 x 1"]
        self.table.add("inference", "one layer's products, int8:32", [ours])
        if self.options.peers:
            seconds = float(run([self.options.peers, os.path.join(HERE, "layer.py"), str(CORES)])[1])
            self.table.add("inference", "the same in PyTorch bfloat16", [seconds], ours)
        if self.options.ggml:
            seconds = float(run([sys.executable, os.path.join(HERE, "ggml.py"), str(CORES), self.options.ggml])[1])
            self.table.add("inference", "the same in ggml's Q8_0", [seconds], ours)
        pack = os.path.join(self.memory, "pack")
        os.makedirs(self.memory, exist_ok=True)
        self.convert(checkpoint, pack)
        for steps in [4, 8, 16, 32]:
            self.generation(pack, f"a token at {steps} recurrences", ["--tokens", "1", "--steps", str(steps), "--max-tokens", "3"])
        self.generation(pack, "a token of 4 together, 8 recurrences", ["--tokens", "1,2,3,4", "--steps", "8", "--max-tokens", "1"])
        self.generation(
            pack, "a token with drafts of 2 recurrences, 8 in all",
            ["--tokens", "1", "--steps", "8", "--max-tokens", "9", "--draft-steps", "2", "--draft-tokens", "3"])
        remove(self.memory)

    def products(self):
        """Products of a stored matrix with many vectors, at every level that the processor has."""
        for row in self.c_rows("multiply", str(CORES), "products"):
            name = f"{row['operation']} x {row['vectors']}, {row['level']}"
            print(f"products   {name:<44} {row['products_per_second'] / 1e9:7.2f} billion products/s", flush=True)
            self.table.rows.append({"phase": "products", "name": name, **row})

    def generation(self, pack, name, flags):
        result = json.loads(run([self.muninn, "generate", pack, "--json", "--quiet", *flags])[1])
        extra = {"accepted": result["accepted"], "drafted": result["drafted"]} if result["drafted"] else {}
        self.table.add("inference", name, [1 / result["tokens_per_second"]], **extra)

    def kernels(self):
        rows = self.c_rows("kernels")
        copies = {(row["level"], row["dtype"]): row["bytes_per_second"] for row in rows if row["operation"] == "memcpy"}
        for row in rows:
            row["of_memcpy"] = round(row["bytes_per_second"] / copies[row["level"], row["dtype"]], 3)
            print(
                f"kernels    {row['level']:<9} {row['dtype']:<5} {row['operation']:<18} "
                f"{row['bytes_per_second'] / 1e9:7.2f} GB/s {row['of_memcpy']:6.2f} of memcpy", flush=True)
        return rows

    def machine(self):
        model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")
        versions = {"muninn": run([self.muninn, "--version"])[1].strip(), "openssl": run(["openssl", "version"])[1].strip()}
        if self.options.peers:
            code = "import importlib.metadata as m\nfor n in ['torch','safetensors','gguf','mlx','numpy']:\n  print(n, m.version(n))"
            versions.update(line.split() for line in run([self.options.peers, "-c", code])[1].splitlines())
        return {
            "cpu": model, "cores": CORES, "kernel": platform.release(), "scale": self.options.scale,
            "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1), "versions": versions,
        }

    def main(self):
        phases = self.options.phases.split(",")
        os.makedirs(self.dir, exist_ok=True)
        machine = self.machine()
        print(json.dumps(machine), flush=True)
        result = {"machine": machine, "kernels": self.kernels() if "kernels" in phases else [], "table": self.table.rows}
        try:
            self.run_phases(phases)
        finally:
            with open(os.path.join(self.dir, "bench.json"), "w") as output:
                json.dump(result, output, indent=1)
            print(f"written to {os.path.join(self.dir, 'bench.json')}")

    def run_phases(self, phases):
        if "products" in phases:
            self.products()
        if not {"bf16", "disk", "inference", "archive"}.isdisjoint(phases):
            checkpoint = self.checkpoint("BF16", self.options.scale)
            if "bf16" in phases:
                self.conversions("memory", checkpoint, self.memory, ["int8", "int8:row", "f16"], peers=True)
                self.reading("reading", checkpoint)
            if "disk" in phases:
                self.conversions("disk", checkpoint, os.path.join(self.dir, "out"), ["int8"], peers=False)
            if "inference" in phases:
                self.inference(checkpoint)
            if "archive" in phases:
                self.archiving(checkpoint)
        if "scaling" in phases:
            self.scaling()
        remove(os.path.join(self.dir, f"checkpoint-BF16-{self.options.scale}"))
        if "f32" in phases:
            checkpoint = self.checkpoint("F32", self.options.scale)
            self.conversions("f32", checkpoint, self.memory, ["int8"], peers=False)
            remove(checkpoint)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("muninn")
    parser.add_argument("example")
    parser.add_argument("--dir", default="/tmp/muninn-bench")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--phases", default="kernels,products,bf16,disk,inference,archive,scaling,f32")
    parser.add_argument("--peers", help="a Python that has torch, safetensors, gguf and mlx")
    parser.add_argument("--ggml", help="a directory that has libggml-base.so and libggml-cpu.so")
    Bench(parser.parse_args()).main()


if __name__ == "__main__":
    main()
