"""Running commands and timing them; the machine's floor; medians as a table."""
import dataclasses
import glob
import os
import shutil
import statistics
import subprocess
import tempfile
import time

CORES = os.cpu_count()


@dataclasses.dataclass
class Measure:
    """What a command took: the child alone, as wait4 reports it."""

    wall: float
    cpu: float
    #: The most resident bytes, those of mapped files included.
    peak: int
    #: The most resident bytes that are no file's, as seen a hundred times a second; 0 where nobody looked.
    anonymous_peak: int
    output: str


def measured(command, looks_at_memory=False):
    """Runs a command to its end; one that fails ends the benchmark."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start, anonymous = time.perf_counter(), 0
        process = subprocess.Popen(command, stdout=output, stderr=errors)
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG if looks_at_memory else 0)
            if pid:
                break
            anonymous = max(anonymous, anonymous_bytes(process.pid))
            time.sleep(0.01)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        if process.returncode != 0:
            raise SystemExit(f"{' '.join(command)}\n{errors.read().decode()}")
        return Measure(
            wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, anonymous, output.read().decode())


def anonymous_bytes(pid):
    """The resident bytes of a process that belong to no file."""
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    return 0  # It has ended.


# Files


def files(directory, suffixes=(".safetensors", ".seg")):
    return [path for path in sorted(glob.glob(os.path.join(directory, "*"))) if path.endswith(suffixes)]


def byte_count(paths):
    return sum(os.path.getsize(path) for path in paths)


def remove(path):
    shutil.rmtree(path, ignore_errors=True)
    if os.path.isfile(path):
        os.remove(path)


# The floor


def warm(paths):
    """Reads files, so that they are in memory."""
    subprocess.run(["cat", *paths], stdout=subprocess.DEVNULL, check=True)


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


# Results


class Table:
    """Rows of medians; kept for bench.json and printed as they come."""

    def __init__(self):
        self.rows = []

    def add(self, phase, name, seconds, baseline=None, **more):
        """Adds seconds of several runs, as a multiple of a baseline where there is one; returns the median."""
        median = statistics.median(seconds)
        row = {"phase": phase, "name": name, "median_seconds": round(median, 4), "runs": [round(s, 4) for s in seconds]}
        if baseline is not None:
            row["ratio"] = round(median / baseline, 3)
        row.update(more)
        self.rows.append(row)
        extra = "".join(f"  {key} {value}" for key, value in more.items())
        ratio = f"{row['ratio']:6.2f} x" if "ratio" in row else " " * 8
        print(f"{phase:<10} {name:<48} {median:9.3f} s {ratio}{extra}", flush=True)
        return median

    def add_builds(self, phase, name, seconds, **more):
        """Adds seconds by build, the others' as multiples of ours."""
        ours = None
        for build, runs in seconds.items():
            median = self.add(phase, f"{name}, {build}", runs, ours, **{key: value[build] for key, value in more.items()})
            ours = ours or median

    def add_rate(self, phase, name, rate, unit, of=None, **more):
        """Adds things done in a second, as a share of another rate where there is one."""
        row = {"phase": phase, "name": name, "per_second": round(rate), "unit": unit, **more}
        if of is not None:
            row["of"] = round(rate / of, 3)
        self.rows.append(row)
        share = f"{row['of']:6.2f} x" if of is not None else " " * 8
        extra = "".join(f"  {key} {value}" for key, value in more.items())
        print(f"{phase:<10} {name:<48} {rate / 1e9:9.2f} 10^9 {unit}/s {share}{extra}", flush=True)
