"""Where the runs of faults.py take place, what they say, and how they are counted."""
import collections
import concurrent.futures
import itertools
import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def tree(path):
    """A file's bytes, a directory's files by name, or None for nothing."""
    if path.is_dir():
        return {child.name: tree(child) for child in sorted(path.iterdir())}
    return path.read_bytes() if path.exists() else None


def put(content, path):
    """Writes what ``tree`` gave."""
    if isinstance(content, dict):
        path.mkdir()
        for name, value in content.items():
            put(value, path / name)
    elif content is not None:
        path.write_bytes(content)
        # Some clocks of file systems tick slowly: what is written from now on has another time.
        os.utime(path, (1e9, 1e9))


class Outcome:
    """What a run said."""

    def __init__(self, status, errors, log, seconds):
        self.status, self.errors, self.log, self.seconds = status, errors, log, seconds

    @property
    def lines(self):
        return [line for line in self.errors.splitlines() if not line.startswith("note: ")]

    @property
    def is_clear(self):
        """One line of ours that names a file."""
        return (len(self.lines) == 1 and self.lines[0].startswith("muninn: ")
                and ("'" in self.lines[0] or "standard output" in self.lines[0]))


class Bench:
    """Where runs take place: the command, the shim, and a directory for each run."""

    def __init__(self, muninn, directory):
        self.muninn, self.directory = muninn, directory
        self.shim = directory / "shim.so"
        self.numbers = itertools.count()
        subprocess.run(["clang", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", self.shim,
                        HERE / "shim.c", "-ldl"], check=True)

    def place(self):
        place = self.directory / f"{next(self.numbers)}"
        (place / "output").mkdir(parents=True)
        return place

    def log(self, place):
        return self.directory / f"{place.name}.log"

    def start(self, place, arguments, faults="", pause=0):
        environment = dict(os.environ, LD_PRELOAD=str(self.shim), MUNINN_FAULT_ROOT=str(place),
                           MUNINN_FAULT_LOG=str(self.log(place)))
        if faults:
            environment["MUNINN_FAULT"] = faults
        if pause:
            environment["MUNINN_FAULT_PAUSE"] = str(pause)
        # Standard output is a file of the place, so that writing to it can fail too.
        with open(place / "printed", "ab") as output:
            return subprocess.Popen([self.muninn, *arguments], stdout=output,
                                    stderr=subprocess.PIPE, env=environment)

    def finish(self, place, process, begun):
        try:
            _, errors = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            _, errors = process.communicate()
            errors += b" (it hangs)"
        seconds = time.perf_counter() - begun
        log = self.log(place)
        lines = log.read_text().splitlines() if log.exists() else []
        return Outcome(process.returncode, errors.decode(errors="replace"), lines, seconds)

    def run(self, place, arguments, faults=""):
        begun = time.perf_counter()
        outcome = self.finish(place, self.start(place, arguments, faults), begun)
        self.log(place).unlink(missing_ok=True)
        return outcome

    def clear(self, place):
        shutil.rmtree(place)
        self.log(place).unlink(missing_ok=True)


class Tally:
    """Counts runs by row and column, and keeps what could not be explained."""

    def __init__(self):
        self.rows = collections.defaultdict(collections.Counter)
        self.unexplained = 0
        self.lock = threading.Lock()

    def add(self, row, column, problem=None):
        with self.lock:
            self.rows[row][column] += 1
            if problem:
                self.unexplained += 1
                print(f"UNEXPLAINED {problem}", flush=True)

    def print(self, title):
        columns = list(dict.fromkeys(column for row in self.rows.values() for column in row))
        widths = [max(len(column), 5) for column in columns]
        width = max(len(title), *map(len, self.rows))
        print(f"\n{title:<{width}}  "
              + "  ".join(f"{column:>{size}}" for column, size in zip(columns, widths)))
        for row, counts in sorted(self.rows.items()):
            print(f"{row:<{width}}  " + "  ".join(
                f"{counts[column] or '-':>{size}}" for column, size in zip(columns, widths)))
        total = sum(sum(row.values()) for row in self.rows.values())
        print(f"{total} runs, {self.unexplained} unexplained", flush=True)
        return self.unexplained


def in_parallel(function, tasks):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for future in [pool.submit(function, *task) for task in tasks]:
            future.result()
