#!/usr/bin/env python3
"""Lets every call that muninn makes on files fail in turn, kills it, runs it against itself, and
changes what it reads, or moves it away; looks each time at what is left, and at what was said.

usage: faults.py MUNINN [--dir DIR] [--phases PHASES] [--kills N] [--sample K]

After each run there is under the final name nothing, the older one as it was, or the new one whole,
byte for byte; a failure is one line that names a file and the reason; nothing else is left that the
line does not name or the next run does not remove, but for a directory without the mark of a run: the
older one or the new one, whole. Ends with 1 where a run cannot be explained.
"""
import argparse
import collections
import concurrent.futures
import errno
import itertools
import os
import random
import re
import signal
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import moving
from bench import Bench, Tally, in_parallel, put, tree

CHECKPOINTS = Path(__file__).resolve().parents[3] / "fixtures/checkpoints"

# What each call may meet. A "+" lasts from the N-th call on, as a full disk does.
FAULTS = {
    "open": ["EINTR", "EIO", "EACCES", "EMFILE"],
    "fdopendir": ["EIO", "ENOMEM"],
    "readdir": ["EIO"],
    "stat": ["EINTR", "EIO", "EACCES"],
    "lstat": ["EINTR", "EIO", "EACCES"],
    "fstat": ["EINTR", "EIO"],
    "readlink": ["EINTR", "EIO", "EACCES"],
    "statvfs": ["EINTR", "EIO", "EACCES"],
    "pread": ["EINTR", "EIO", "EIO+", "short", "short+", "zero"],
    "mmap": ["ENOMEM", "ENODEV"],
    "create": ["EINTR", "EIO", "ENOSPC", "ENOSPC+", "EDQUOT", "EROFS", "EMFILE"],
    "mkdir": ["EINTR", "EIO", "ENOSPC", "EACCES", "EROFS"],
    "fallocate": ["EINTR", "EIO", "ENOSPC", "EDQUOT", "EOPNOTSUPP+"],
    "ftruncate": ["EINTR", "EIO", "ENOSPC", "EFBIG"],
    "write": ["EINTR", "EIO", "ENOSPC+", "EPIPE", "short", "short+", "zero"],
    "pwrite": ["EINTR", "EIO", "ENOSPC", "ENOSPC+", "EDQUOT", "EFBIG", "short", "short+", "zero"],
    "fsync": ["EINTR", "EIO", "EIO+", "ENOSPC", "EDQUOT"],
    "flock": ["EINTR", "EIO", "ENOLCK", "EWOULDBLOCK"],
    "rename": ["EINTR", "EIO", "ENOSPC", "EACCES", "EROFS"],
    "renameat2": ["EINTR", "EIO", "EIO+", "ENOSPC", "EACCES", "EROFS"],
    "unlinkat": ["EINTR", "EIO", "EACCES+"],
    "rmdir": ["EINTR", "EIO", "EACCES"],
    "close": ["EINTR", "EIO"],
    "pthread_create": ["EAGAIN+"],
}
# A run overcomes these: it ends as if nothing had been.
OVERCOME = {"EINTR", "short", "short+", "EOPNOTSUPP+", "EAGAIN+", "EPIPE", "EWOULDBLOCK"}
# A run that meets an error in one of these must not succeed.
DECISIVE = {"pread", "mmap", "create", "mkdir", "fallocate", "ftruncate", "write", "pwrite",
            "fsync", "rename", "renameat2"}
# A file system that can neither reserve space nor rename under conditions.
PLAIN = f"fallocate:1+:{errno.EOPNOTSUPP},renameat2:1+:{errno.ENOSYS}"


class Subject:
    """A command that writes one thing under a final name, and what it writes without a fault."""

    def __init__(self, bench, name, arguments, inputs, older=None, always="", calls=None):
        self.bench, self.name, self.arguments = bench, name, arguments
        self.inputs, self.older, self.always = inputs, older, always
        place = self.prepare()
        outcome = bench.run(place, self.command(place), always)
        if outcome.status != 0:
            raise SystemExit(f"{name}: {outcome.errors}")
        self.expected = tree(place / "output/target")
        self.log = [line.replace(f"{place}/", "")
                    for line in outcome.log if not line.startswith("! ")]
        self.counts = collections.Counter(line.split(" ")[0] for line in self.log)
        self.calls = calls or sorted(self.counts)
        bench.clear(place)

    def prepare(self):
        place = self.bench.place()
        for name, content in self.inputs.items():
            put(content, place / name)
        put(self.older, place / "output/target")
        return place

    def measured(self, pause):
        """The seconds that a run takes, as many at once as later: the median of nine."""
        def one():
            place = self.prepare()
            begun = time.perf_counter()
            process = self.bench.start(place, self.command(place), pause=pause)
            outcome = self.bench.finish(place, process, begun)
            self.bench.clear(place)
            return outcome.seconds
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            return statistics.median(run.result() for run in [pool.submit(one) for _ in range(9)])

    def command(self, place, force=False):
        arguments = [argument.format(place) for argument in self.arguments]
        return arguments + (["--force"] if force and "--force" not in arguments else [])

    def state(self, place):
        found = tree(place / "output/target")
        if found == self.expected:
            return "new"
        if found is None:
            return "nothing"
        return "older" if found == self.older else "something else"

    def complaint(self, place, errors):
        """What is wrong with what a run left; None if nothing is."""
        state = self.state(place)
        if state == "something else" or (state == "nothing" and self.older is not None):
            return f"under the final name is {state}"
        left = [name for name in os.listdir(place / "output")
                if name != "target" and f"{name}'" not in errors]
        if not left:
            return None
        again = self.bench.run(place, self.command(place, force=True), self.always)
        if again.status != 0:
            return f"the next run fails: {again.errors}"
        if self.state(place) != "new":
            return f"the next run leaves {self.state(place)} under the final name"
        # Between a directory's two names it has no mark: no run may remove it, and it lacks nothing.
        left = [name for name in left if (place / "output" / name).exists()
                and tree(place / "output" / name) not in (self.older, self.expected)]
        return f"the next run leaves {', '.join(left)}" if left else None

    def judge(self, call, number, action):
        """Runs with a fault; None where all is as promised, else what is not."""
        place = self.prepare()
        code = getattr(errno, action.rstrip("+"), None)
        fault = f"{call}:{number}{'+' * action.endswith('+')}:{code or action.rstrip('+')}"
        outcome = self.bench.run(place, self.command(place),
                                 ",".join(filter(None, [fault, self.always])))
        problem = self.objection(place, outcome, call, action, code and os.strerror(code))
        problem = problem or self.complaint(place, outcome.errors)
        self.bench.clear(place)
        return problem and f"{self.name}, {fault}: {problem}: {outcome.errors.strip()}"

    def objection(self, place, outcome, call, action, reason):
        """What is wrong with the exit code and the message of a run with a fault."""
        if not any(line.startswith(f"! {call} ") for line in outcome.log):
            return "the call did not occur"
        if action == "kill":
            return None if outcome.status == -signal.SIGKILL else f"exit code {outcome.status}"
        if outcome.status == 0:
            if self.state(place) != "new":
                return f"success, and under the final name is {self.state(place)}"
            # What was exchanged is read to know whether it may go, and marked; it is kept if not.
            if (call in DECISIVE and action not in OVERCOME
                    and not re.search(r"^! (pread|create) .*partial-\w+/",
                                      "\n".join(outcome.log), re.MULTILINE)):
                return "success in spite of the fault"
            # Nothing is said but where the old one is left, and there it is.
            left = [re.fullmatch(r"warning: .* could not be removed and is left at '(.*)'", line)
                    for line in outcome.lines]
            return None if all(said and os.path.isdir(said[1]) for said in left) else "success with a message"
        if outcome.status != 1:
            return f"exit code {outcome.status}"
        if action in OVERCOME:
            return "not overcome"
        if not outcome.is_clear:
            return "no clear message"
        if reason and call in DECISIVE and reason not in outcome.errors:
            return "the reason is not named"
        return None


def fail_calls(subjects, options):
    """Every fault of every call, each time it is made."""
    tally = Tally()
    tasks = []
    for subject in subjects:
        for call in subject.calls:
            if call not in FAULTS:
                raise SystemExit(f"{subject.name} calls {call}, for which no fault is listed")
            tasks += [(subject, call, number, action)
                      for number in range(1, subject.counts[call] + 1)
                      for action in [*FAULTS[call], "kill"]]

    def one(subject, call, number, action):
        tally.add(call, subject.name, subject.judge(call, number, action))

    in_parallel(one, tasks[::options.sample])
    return tally.print("faults injected")


def change_sources(converting, mapping, options):
    """What is read is cut, rewritten, made longer or replaced, before each call that reads it.

    Of what is mapped, only a cut can be noticed.
    """
    tally = Tally()

    def judge(subject, call, number, action):
        bench = subject.bench
        place = subject.prepare()
        outcome = bench.run(place, subject.command(place), f"{call}:{number}:{action}")
        problem = None
        if outcome.status != 0:
            verdict = "refused"
            # Findings about a checkpoint come before the line that refuses it.
            if outcome.status != 1 or not "\n".join(outcome.lines[-1:]).startswith("muninn: "):
                problem = f"exit code {outcome.status}, no clear message"
            elif os.listdir(place / "output"):
                problem = f"left are {os.listdir(place / 'output')}"
        elif subject.state(place) == "new":
            verdict = "made of what was there"
        else:
            verdict = "made of what is there"
            again = bench.run(
                place, ["verify", f"{place}/output/target", "--source", f"{place}/source"])
            if again.status != 0:
                problem = f"made of neither: {again.errors}"
        bench.clear(place)
        tally.add(f"{subject.name}, {action}", verdict,
                  problem and f"{subject.name}, {call}:{number}:{action}: {problem}: "
                              f"{outcome.errors.strip()}")

    tasks = []
    for subject in [*converting, *mapping]:
        numbers = collections.Counter()
        for line in subject.log:
            call, path = line.split(" ", 1)
            numbers[call] += 1
            if (call in ("open", "fstat", "pread", "mmap")
                    and path.startswith(("source/", "pack/"))):
                tasks += [(subject, call, numbers[call], action) for action in
                          (["cut"] if subject in mapping
                           else ["cut", "rewrite", "grow", "replace"])]
    in_parallel(judge, tasks[::options.sample])
    return tally.print("sources changed while read")


def kill_runs(subjects, options):
    """SIGKILL at random moments, of runs at full speed and of runs that pause at each call."""
    tally = Tally()
    leftovers, lock = collections.Counter(), threading.Lock()
    chance = random.Random(options.seed)

    def killed(subject, pause):
        """The place and the words of a run that was killed before its end."""
        while True:
            place = subject.prepare()
            process = subject.bench.start(place, subject.command(place), pause=pause)
            with lock:
                share = chance.random()
            time.sleep(share * seconds[subject.name, pause])
            process.kill()
            outcome = subject.bench.finish(place, process, 0)
            if outcome.status == -signal.SIGKILL:
                return place, outcome
            subject.bench.clear(place)

    def one(subject, pause):
        place, outcome = killed(subject, pause)
        state = subject.state(place)
        left = set(os.listdir(place / "output")) - {"target"}
        problem = subject.complaint(place, "")
        if problem is None and outcome.errors:
            problem = "it said something"
        if left and not problem:
            with lock:
                leftovers[subject.name] += 1
        subject.bench.clear(place)
        tally.add(subject.name, f"{state} is there",
                  problem and f"{subject.name}, killed: {problem}: {outcome.errors}")

    pauses = (0, 100)
    seconds = {(subject.name, pause): subject.measured(pause)
               for subject in subjects for pause in pauses}
    count = len(subjects)
    in_parallel(one, [(subjects[number % count], pauses[number // count % 2])
                      for number in range(options.kills)])
    unexplained = tally.print("killed")
    for name, count in sorted(leftovers.items()):
        print(f"{name}: {count} left something, which the next run removed")
    return unexplained


def race(bench, source, older, options):
    """Two to eight conversions to one target at once, each with another recipe."""
    tally = Tally()
    recipes = [["--quiet", "--weights", weights] for weights in
               ("f32", "bf16", "f16", "int8", "int8:row")]
    recipes += [["--quiet", "--core", weights] for weights in ("f32", "bf16", "f16")]
    packs = []
    for recipe in recipes:
        place = bench.place()
        put(source, place / "source")
        bench.run(place, ["convert", f"{place}/source", f"{place}/output/target", *recipe])
        packs.append(tree(place / "output/target"))
        bench.clear(place)
    cases = {"nothing there": (None, []), "nothing there, --force": (None, ["--force"]),
             "an older pack, --force": (older, ["--force"])}
    for _ in range(options.races):
        for (name, (before, force)), width in itertools.product(cases.items(), range(2, 9)):
            place = bench.place()
            put(source, place / "source")
            put(before, place / "output/target")
            running = [bench.start(place, ["convert", f"{place}/source", f"{place}/output/target",
                                           *recipe, *force]) for recipe in recipes[:width]]
            outcomes = [bench.finish(place, process, 0) for process in running]
            winners = [index for index, outcome in enumerate(outcomes) if outcome.status == 0]
            found = tree(place / "output/target")
            losers_are_clear = all(
                outcome.status == 0 or outcome.is_clear and "exists" in outcome.errors
                for outcome in outcomes)
            problem = None
            if found not in [packs[index] for index in winners]:
                problem = "what is there is no winner's"
            elif len(winners) != (width if force else 1):
                problem = f"{len(winners)} of {width} succeed"
            elif not losers_are_clear:
                problem = "a loser has no clear message"
            elif os.listdir(place / "output") != ["target"]:
                problem = f"left are {os.listdir(place / 'output')}"
            elif any(outcome.errors for outcome in outcomes if outcome.status == 0):
                problem = "a winner complains"
            errors = " ".join(outcome.errors.strip() for outcome in outcomes)
            tally.add(name, f"{width} at once", problem and f"{name}, {width}: {problem}: {errors}")
            bench.clear(place)
    return tally.print("races")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("muninn", type=Path)
    parser.add_argument("--dir", type=Path, help="where to work; by default in memory")
    parser.add_argument("--phases", default="calls,sources,kills,races,swaps,flips,replacements")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--races", type=int, default=10)
    parser.add_argument("--flips", type=int, default=2000)
    parser.add_argument("--replacements", type=int, default=400)
    parser.add_argument("--sample", type=int, default=1, help="inject each K-th fault only")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if sys.platform != "linux":
        sys.exit("the shim is for Linux; nothing was tried")
    memory = Path("/dev/shm")
    parent = options.dir or (memory if os.access(memory, os.W_OK) else None)
    with tempfile.TemporaryDirectory(dir=parent, prefix="muninn-faults-") as directory:
        bench = Bench(options.muninn.resolve(), Path(directory))
        sys.exit(1 if run_phases(bench, options) else 0)


def run_phases(bench, options):
    nano, tiny = (
        {file.name: file.read_bytes() for file in sorted((CHECKPOINTS / name).iterdir())
         if file.name.startswith(("config", "generation_config", "model"))}
        for name in ("huginn-nano", "huginn-tiny"))
    convert = ["convert", "{}/source", "{}/output/target", "-j", "1", "--quiet"]
    first = Subject(bench, "convert", convert, {"source": nano})
    older = Subject(bench, "", [*convert, "--weights", "f16"], {"source": nano}).expected
    second = Subject(bench, "convert --force", [*convert, "--checksums", "--force"],
                     {"source": nano}, older)
    pack = {"pack": first.expected, "source": nano, "ids": b"1,2,3"}
    trace = Subject(bench, "trace", ["trace", "{}/pack", "--tokens", "1,2", "--steps", "16", "-o",
                                     "{}/output/target"], pack)
    measure = Subject(bench, "eval", ["eval", "{}/pack", "--reference", "{}/source", "--tokens",
                                      "{}/ids", "--steps", "1", "-o", "{}/output/target", "--quiet"],
                      pack)
    archive = Subject(bench, "archive", ["archive", "{}/pack", "-o", "{}/output/target", "-j", "1",
                                         "--quiet", "--split"], {"pack": first.expected})
    unarchive = Subject(bench, "unarchive", ["unarchive", "{}/pack/archive", "{}/output/target",
                                             "-j", "1", "--quiet"],
                        {"pack": {"archive": archive.expected}})
    if unarchive.expected != first.expected:
        raise SystemExit("what is restored is not what was archived")
    unexplained = 0
    phases = options.phases.split(",")
    if "calls" in phases:
        report = ["report", "{}/pack", "-o", "{}/output/target"]
        page = Subject(bench, "", report, pack).expected
        export = ["export", "{}/pack", "{}/output/target", "--to", "safetensors", "-j", "1",
                  "--quiet"]
        exported = Subject(bench, "", [*export, "--dtype", "f16"], pack).expected
        unexplained += fail_calls([
            first, second,
            Subject(bench, "plain file system", convert, {"source": nano}, always=PLAIN,
                    calls=["ftruncate", "rename"]),
            Subject(bench, "report", report, pack),
            Subject(bench, "report --force", [*report, "--force"], pack, page + b" "),
            trace, measure, archive, unarchive,
            Subject(bench, "export", export, pack),
            Subject(bench, "export --force", [*export, "--force"], pack, exported),
            Subject(bench, "export to GGUF", ["export", "{}/pack", "{}/output/target", "--to",
                                              "gguf", "-j", "1", "--quiet"], pack),
        ], options)
    if "sources" in phases:
        shards = Subject(bench, "three shards", convert, {"source": tiny})
        unexplained += change_sources([first, shards, archive, unarchive], [trace, measure], options)
    if "kills" in phases:
        unexplained += kill_runs([first, second, archive, unarchive], options)
    if "races" in phases:
        unexplained += race(bench, nano, older, options)
    if "swaps" in phases:
        unexplained += moving.swap(bench, first.expected, older, nano, options, Tally())
    if "flips" in phases:
        unexplained += moving.flip(bench, first.expected, older, nano, options, Tally())
    if "replacements" in phases:
        unexplained += moving.replace(bench, first.expected, nano, options, Tally())
    return unexplained


if __name__ == "__main__":
    main()
