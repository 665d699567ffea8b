"""Runs of muninn over a path that leads to one pack and then to another: what they say must be true
of one of them. Driven by faults.py."""
import collections
import itertools
import os
import shutil
import subprocess
import threading
from pathlib import Path

from bench import in_parallel, put, tree

KEYS = Path(__file__).resolve().parents[3] / "fixtures/signing"
CHANGED = "changed while being read"
VERDICTS = {0: "said of one", 1: "refused", 2: "found wanting"}


class Verb:
    """A command that reads `pack`, and what it says and writes of each pack alone."""

    def __init__(self, bench, name, arguments, inputs, packs):
        self.bench, self.name, self.arguments, self.inputs = bench, name, arguments, inputs
        self.signs = arguments[0] == "sign"
        self.older = packs[0].get("model.sig")
        self.alone, self.errors, self.calls = [], [], []
        for pack in packs:
            place = bench.place()
            self.furnish(place)
            put(pack, place / "pack")
            outcome = bench.run(place, self.command(place))
            self.alone.append(self.said(place, outcome))
            self.errors.append(self.words(place, outcome))
            self.calls = self.calls or [line.split(" ")[0] for line in outcome.log
                                        if not line.startswith("! ")]
            bench.clear(place)

    def furnish(self, place):
        for name, content in self.inputs.items():
            put(content, place / name)

    def command(self, place):
        return [argument.format(place) for argument in self.arguments]

    def said(self, place, outcome):
        """The exit code, standard output and the file or directory written."""
        printed = (place / "printed").read_text().replace(str(place), "")
        if self.signs and outcome.status == 0:
            # No two signatures are alike.
            printed = "\n".join(line for line in printed.splitlines() if "digest" in line)
        return outcome.status, printed, tree(place / "output/target")

    def words(self, place, outcome):
        return "\n".join(outcome.lines).replace(str(place), "")

    def objection(self, place, outcome):
        """What a run says that is true of neither pack; None where there is nothing."""
        said = self.said(place, outcome)
        if outcome.status == 1:
            words = self.words(place, outcome)
            if CHANGED not in words and words not in self.errors:
                return "an error that is true of neither"
            if os.listdir(place / "output"):
                return f"left are {os.listdir(place / 'output')}"
        elif said not in self.alone:
            return f"exit code {outcome.status}, true of neither: {said[1].strip()}"
        return self.forged(place, outcome) if self.signs else None

    def forged(self, place, outcome):
        """What is wrong with the signatures that a run left."""
        for name in ("pack", "other", "linked", "first", "second"):
            directory, signature = place / name, place / name / "model.sig"
            if not signature.exists() or signature.read_bytes() == self.older:
                continue
            check = subprocess.run(
                [self.bench.muninn, "verify", directory, "--key", KEYS / "public.pem"],
                capture_output=True, text=True)
            if check.returncode != 0:
                return f"{name} has a signature of other bytes: {check.stdout.strip()}"
        return None


def verbs(bench, pack, source, packs):
    """Every verb that reads a pack."""
    inputs = {"source": source, "ids": b"1,2,3"}
    key, public = str(KEYS / "key.pem"), str(KEYS / "public.pem")
    target = ["{}/output/target"]
    lines = {
        "verify": ["verify", "{}/pack"],
        "verify --key": ["verify", "{}/pack", "--key", public],
        "verify --source": ["verify", "{}/pack", "--source", "{}/source"],
        "sign": ["sign", "{}/pack", "--key", key, "--force"],
        "inspect": ["inspect", "{}/pack", "--json"],
        "export": ["export", "{}/pack", *target, "--to", "safetensors", "-j", "1", "--quiet"],
        "export to GGUF": ["export", "{}/pack", *target, "--to", "gguf", "--dtype", "f16", "--quiet"],
        "archive": ["archive", "{}/pack", "-o", *target, "--quiet"],
        "diff": ["diff", "{}/pack", "{}/source", "--tolerance", "1"],
        "eval": ["eval", "{}/pack", "--reference", "{}/source", "--tokens", "{}/ids", "--steps",
                 "1", "-o", *target, "--quiet"],
        "trace": ["trace", "{}/pack", "--tokens", "1,2", "--steps", "16", "-o", *target],
        "report": ["report", "{}/pack", "-o", *target],
        "logits": ["logits", "{}/pack", "--tokens", "1,2", "--steps", "1", "-o", *target],
        "generate": ["generate", "{}/pack", "--tokens", "1,2", "--max-tokens", "1", "--verify",
                     "--quiet"],
    }
    return [Verb(bench, name, line, inputs, packs) for name, line in lines.items()]


def damaged(pack):
    """The pack with one bit of a tensor flipped."""
    core = bytearray(pack["core.seg"])
    core[len(core) // 2] ^= 1
    return {**pack, "core.seg": bytes(core)}


def signed(bench, pack):
    place = bench.place()
    put(pack, place / "pack")
    bench.run(place, ["sign", f"{place}/pack", "--key", str(KEYS / "key.pem")])
    content = tree(place / "pack")
    bench.clear(place)
    return content


def swap(bench, pack, valid, source, options, tally):
    """Between any two calls on files, the path is given to another pack, or to a link to one."""
    first = signed(bench, pack)

    def one(verb, other, is_link, call, number):
        place = bench.place()
        verb.furnish(place)
        put(first, place / "pack")
        put(other, place / ("linked" if is_link else "other"))
        if is_link:
            (place / "other").symlink_to("linked")
        outcome = bench.run(place, verb.command(place), f"{call}:{number}:swap")
        problem = verb.objection(place, outcome)
        bench.clear(place)
        note(tally, verb, outcome, f"{call}:{number}", problem)

    tasks = []
    for other, ways in ((valid, (False, True)), (damaged(first), (False,))):
        for verb in verbs(bench, first, source, [first, other]):
            numbers = collections.Counter()
            for call in verb.calls:
                numbers[call] += 1
                if call in ("open", "stat", "lstat", "fstat", "mmap"):
                    tasks += [(verb, other, way, call, numbers[call]) for way in ways]
    in_parallel(one, tasks[::options.sample])
    return tally.print("path given to another")


def note(tally, verb, outcome, where, problem):
    tally.add(verb.name, VERDICTS.get(outcome.status, "ended"),
              problem and f"{verb.name}, {where}: {problem}: {outcome.errors.strip()}")


def flip(bench, pack, valid, source, options, tally):
    """A link flips between a signed pack and another valid one, all the time."""
    first = signed(bench, pack)
    names = ("verify --key", "sign", "export", "archive", "eval")
    subjects = [verb for verb in verbs(bench, first, source, [first, valid]) if verb.name in names]

    def many(share):
        place = bench.place()
        put(source, place / "source")
        put(b"1,2,3", place / "ids")
        stop = threading.Event()

        def turn():
            for name in itertools.cycle(("first", "second")):
                if stop.is_set():
                    return
                (place / "next").symlink_to(name)
                os.replace(place / "next", place / "pack")

        for number in range(share):
            verb = subjects[number % len(subjects)]
            for name, content in (("first", first), ("second", valid)):
                if not (place / name).exists():
                    put(content, place / name)
            (place / "printed").unlink(missing_ok=True)
            stop.clear()
            thread = threading.Thread(target=turn)
            thread.start()
            while not (place / "pack").exists():
                pass
            outcome = bench.run(place, verb.command(place))
            stop.set()
            thread.join()
            problem = verb.objection(place, outcome)
            note(tally, verb, outcome, "flipped", problem)
            for left in ["output/target", *(["first", "second"] if verb.signs else [])]:
                path = place / left
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        bench.clear(place)

    workers = os.cpu_count()
    in_parallel(many, [(options.flips // workers,)] * workers)
    return tally.print("link that flips")


def replace(bench, pack, source, options, tally):
    """Verification beside conversions that replace the pack: damage is never what it says."""
    convert = ["convert", "{}/source", "{}/pack", "--force", "--quiet"]

    def many(share):
        place = bench.place()
        put(source, place / "source")
        put(pack, place / "pack")
        stop = threading.Event()

        def turn():
            for weights in itertools.cycle(("f16", "int8")):
                if stop.is_set():
                    return
                subprocess.run([bench.muninn, *(part.format(place) for part in convert),
                                "--weights", weights], capture_output=True)

        thread = threading.Thread(target=turn)
        thread.start()
        for number in range(share):
            begun = bench.start(place, ["verify", f"{place}/pack"], pause=(0, 50, 500)[number % 3])
            outcome = bench.finish(place, begun, 0)
            bench.log(place).unlink(missing_ok=True)
            problem = None
            if outcome.status == 1:
                problem = None if CHANGED in outcome.errors else "an error that is not the change"
            elif outcome.status != 0:
                problem = f"exit code {outcome.status}: {(place / 'printed').read_text()}"
            (place / "printed").unlink(missing_ok=True)
            tally.add("verify", {0: "intact", 1: "changed"}.get(outcome.status, "damaged"),
                      problem and f"verify beside convert: {problem}: {outcome.errors.strip()}")
        stop.set()
        thread.join()
        bench.clear(place)

    workers = os.cpu_count()
    in_parallel(many, [(options.replacements // workers,)] * workers)
    return tally.print("verified while replaced")
