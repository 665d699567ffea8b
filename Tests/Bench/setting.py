"""What all phases share: the builds, the peers, the place for files, and what is made there."""
import json
import os
import shutil
import subprocess
import sys

from measuring import Table, files, measured, remove

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


class Setting:
    def __init__(self, options):
        self.muninn, self.example, self.scale = options.muninn, options.example, options.scale
        self.rounds = options.rounds
        self.peers, self.ggml, self.dir = options.peers, options.ggml, options.dir
        self.memory = "/dev/shm/muninn-bench"
        self.table = Table()
        #: Checkouts whose builds are run in turn, ours first.
        self.builds = {"ours": (self.muninn, ROOT)}
        if options.base:
            self.builds["base"] = (os.path.join(options.base, ".build/release/muninn"), options.base)
        self.kept = None
        self.clear()
        os.makedirs(self.dir, exist_ok=True)

    def checkpoint(self, dtype="BF16", scale=None):
        """A synthetic checkpoint of the release's shape, in place of the last one: they are large."""
        scale = scale or self.scale
        path = os.path.join(self.dir, f"checkpoint-{dtype}-{scale}")
        if path != self.kept:
            self.clear()
            self.kept = path
        if not os.path.exists(path):
            needed = int(3.92e9 * scale * (4 if dtype == "F32" else 2) * 1.6)
            free = shutil.disk_usage(self.dir).free
            if needed > free:
                raise SystemExit(f"{self.dir}: {needed:,} bytes are needed, {free:,} are free; see BENCH_DIR and BENCH_SCALE")
            subprocess.run(
                [sys.executable, os.path.join(HERE, "inputs/make_checkpoint.py"), path, "--dtype", dtype, "--scale", str(scale)],
                check=True)
        return path

    def clear(self):
        """Removes the checkpoint and what is in memory."""
        remove(self.memory)
        if self.kept:
            remove(self.kept)

    def convert(self, checkpoint, pack, *flags):
        remove(pack)
        return measured([self.muninn, "convert", checkpoint, pack, "--quiet", *flags])

    def pack(self):
        """An `int8:32` pack of the checkpoint in memory, of the newer build: both read it."""
        checkpoint, path = self.checkpoint(), os.path.join(self.memory, "pack")
        if not files(path):
            os.makedirs(self.memory, exist_ok=True)
            self.convert(checkpoint, path)
        return path

    def in_turn(self, *arguments, rounds=None):
        """What muninn takes in each build, one run after the other."""
        runs = {build: [] for build in self.builds}
        for _ in range(rounds or self.rounds):
            for build, (muninn, _) in self.builds.items():
                runs[build].append(measured([muninn, *arguments], looks_at_memory=True))
        return runs

    def program(self, name, root=ROOT):
        """A C program over the kernels of a checkout, compiled."""
        directory = os.path.join(self.dir, "programs")
        os.makedirs(directory, exist_ok=True)
        path = os.path.join(directory, f"{name}-{'ours' if root == ROOT else 'base'}")
        sources = os.path.join(root, "Sources/CMuninnKernels")
        subprocess.run(
            ["clang", "-O2", f"-I{sources}/include", *files(sources, ".c"), os.path.join(HERE, f"programs/{name}.c"),
             "-lpthread", "-o", path],
            check=True)
        return path

    def peer_products(self, name, threads, *vectors):
        """Rows of a peer's products with numbers of vectors; none where it is not given."""
        python, library = (sys.executable, self.ggml) if name == "ggml" else (self.peers, "")
        if not python or library is None:
            print(f"{name} is not measured: it is not given", flush=True)
            return []
        program = os.path.join(HERE, "peers/products.py")
        return json.loads(measured([python, program, name, str(threads), ",".join(map(str, vectors)), library]).output)
