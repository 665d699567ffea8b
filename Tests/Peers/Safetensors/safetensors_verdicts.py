#!/usr/bin/env python3
"""Compares verdicts on mutated safetensors files with those of the safetensors package.

usage: safetensors_verdicts.py MUNINN SEEDS [--count N] [--seed S]

A file that one accepts and the other refuses is a disagreement. It is explained where the file breaks a rule that
formats/safetensors.md lists as stricter than the reference, which is found out here without asking muninn. Exits with 1
where one is not explained, and keeps the files. Both must name the same dtypes, too.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import unicodedata

import safetensors

DTYPES = ["F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F4",
          "F6_E2M3", "C64", "U16", "f32", "F31", "", "I4"]
NUMBERS = ["0", "1", "2", "4", "8", "-1", "-0", "01", "1.0", "1e2", "4294967296", "9223372036854775807",
           "18446744073709551615", "18446744073709551616", "null", "true", "\"1\"", "[]"]
PIECES = ["{", "}", "[", "]", ",", ":", " ", "\t", "\n", "\r", "\"", "\\", "\\u0041", "\\ud800", "\\ud83d\\ude00", "\0",
          "\x7f", "\u00e9", "e\u0301", "a" + "\u0301" * 31, "//", "NaN", "null", "\"x\":1", "\"__metadata__\":{}", "\"__metadata__\":null",
          "\"__metadata__\":{\"a\":\"b\",\"a\":\"c\"}", "\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"]
SPACES = " \t\n\r"


def text_of(entries):
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in entries) + "}"


def generated(source):
    """A header from nothing, mostly well-formed, with its data."""
    entries, offset = [], 0
    for index in range(source.randrange(4)):
        dtype = source.choice(DTYPES) if source.random() < 0.2 else source.choice(DTYPES[:9])
        shape = [source.choice([0, 1, 2, 3, 8]) for _ in range(source.randrange(4))]
        bits = {"F64": 64, "I64": 64, "F32": 32, "I32": 32, "F16": 16, "BF16": 16, "I16": 16, "U16": 16, "C64": 64,
                "F4": 4, "F6_E2M3": 6}.get(dtype, 8)
        count = bits
        for size in shape:
            count *= size
        end = offset + count // 8
        numbers = [str(size) for size in shape]
        if numbers and source.random() < 0.1:
            numbers[source.randrange(len(numbers))] = source.choice(NUMBERS)
        offsets = [str(offset), str(end)]
        if source.random() < 0.1:
            offsets[source.randrange(2)] = source.choice(NUMBERS)
        members = [f"\"dtype\":{json.dumps(dtype)}", f"\"shape\":[{','.join(numbers)}]",
                   f"\"data_offsets\":[{','.join(offsets)}]"]
        if source.random() < 0.3:
            source.shuffle(members)
        if source.random() < 0.05:
            members.append(source.choice(["\"extra\":1", members[0], "\"d\\u0074ype\":\"F32\""]))
        if source.random() < 0.03:
            members.pop()
        value = "{" + ",".join(members) + "}"
        if source.random() < 0.02:
            value = "[" + ",".join(member.split(":", 1)[1] for member in members) + "]"
        name = source.choice(["a", "b", "c", f"t{index}", "\u00e9", "e\u0301", "", "x.y"])
        entries.append((name, value))
        offset = end
    if source.random() < 0.3:
        entries.insert(source.randrange(len(entries) + 1), (
            "__metadata__", source.choice(["{}", "{\"format\":\"pt\"}", "null", "{\"a\":1}", "[]", "{\"a\":\"b\",\"a\":\"c\"}"])))
    if source.random() < 0.2:
        source.shuffle(entries)
    text = text_of(entries)
    if source.random() < 0.1:
        at = source.randrange(len(text) + 1)
        text = text[:at] + source.choice(PIECES) + text[at:]
    text = source.choice([""] * 12 + [" ", "\n"]) + text + source.choice([""] * 4 + [" ", "      ", "\n", "\0", "x"])
    return text.encode("utf-8", "surrogatepass"), bytes(offset)


def assembled(header, data, source):
    count = len(header)
    if source.random() < 0.03:
        count = source.choice([0, count - 1, count + 1, 100_000_001, 1 << 63, (1 << 64) - 1])
    data += b"\0" * source.choice([0] * 20 + [1, 8])
    if data and source.random() < 0.03:
        data = data[:-1]
    return max(0, count).to_bytes(8, "little") + header + data


def mutated(seeds, source):
    if source.random() < 0.6:
        return assembled(*generated(source), source)
    data = bytearray(source.choice(seeds))
    for _ in range(source.choice([1, 1, 1, 2, 4])):
        at = source.randrange(len(data) + 1)
        kind = source.randrange(5)
        if kind == 0 and data:
            data[at % len(data)] ^= 1 << source.randrange(8)
        elif kind == 1 and data:
            data[at % len(data)] = source.randrange(256)
        elif kind == 2:
            piece = source.choice(PIECES).encode("utf-8", "surrogatepass")
            data[at:at] = piece
            # The length follows, so that the text is looked at.
            if len(data) >= 8 and source.random() < 0.8:
                count = int.from_bytes(data[:8], "little") + len(piece)
                data[:8] = (count % (1 << 64)).to_bytes(8, "little")
        elif kind == 3:
            del data[at:at + source.randrange(4)]
        else:
            data = data[:at]
    return bytes(data)


def reference(data):
    try:
        safetensors.deserialize(data)
        return True
    except safetensors.SafetensorError:
        return False


class Repeated(Exception):
    pass


def stricter_rule(data):
    """The listed rule that a file breaks which the reference accepts, or None."""
    header = data[8:8 + int.from_bytes(data[:8], "little")].decode()
    if header[0] in SPACES:
        return "white space before {"
    if header.rstrip(" ") != header.rstrip(SPACES):
        return "white space other than spaces after }"

    def pairs(members):
        names = [name for name, _ in members]
        if len(set(names)) < len(names):
            raise Repeated
        return dict(members)

    try:
        document = json.loads(header, object_pairs_hook=pairs)
    except Repeated:
        return "a name or key twice"
    names = list(document) + list(document.get("__metadata__") or {})
    for group in [list(document), list(document.get("__metadata__") or {})]:
        if len({unicodedata.normalize("NFC", name) for name in group}) < len(group):
            return "names that are canonically equivalent"
    for text in names + list((document.get("__metadata__") or {}).values()):
        run = 0
        for scalar in unicodedata.normalize("NFD", text):
            run = run + 1 if unicodedata.combining(scalar) else 0
            if run > 30:
                return "more than 30 combining characters in a row"
    if "__metadata__" in document and document["__metadata__"] is None:
        return "__metadata__ is null"
    for name, entry in document.items():
        if name == "__metadata__":
            continue
        if isinstance(entry, list):
            return "an entry is a list"
        if set(entry) - {"dtype", "shape", "data_offsets"}:
            return "an unknown key in an entry"
    return None


def unknown_dtypes(options):
    """Where the lists of dtypes differ that muninn and the package name beside one that neither has."""
    path = os.path.join(options.seeds, "bad-unknown-dtype.safetensors")
    done = subprocess.run([options.muninn, "inspect", path], capture_output=True, text=True)
    ours = done.stderr.strip().rpartition("expected one of ")[2].split(", ")
    try:
        safetensors.deserialize(open(path, "rb").read())
    except safetensors.SafetensorError as error:
        theirs = re.findall(r"`(\w+)`", str(error))[1:]
    return [(path, f"{name} is a dtype of one alone") for name in set(ours) ^ set(theirs)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("muninn")
    parser.add_argument("seeds")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    source = random.Random(options.seed)
    seeds = [open(os.path.join(options.seeds, name), "rb").read()
             for name in sorted(os.listdir(options.seeds)) if name.endswith(".safetensors")]
    kept = tempfile.mkdtemp(prefix="safetensors-verdicts-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    tally, unexplained = collections.Counter(), unknown_dtypes(options)

    def judge(index, data):
        path = os.path.join(kept, f"{index}.safetensors")
        with open(path, "wb") as file:
            file.write(data)
        done = subprocess.run([options.muninn, "inspect", path], capture_output=True, text=True)
        return index, path, data, done

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for index, path, data, done in pool.map(lambda item: judge(*item), enumerate(
                mutated(seeds, source) for _ in range(options.count))):
            ours, theirs = done.returncode == 0, reference(data)
            tally["accepted" if theirs else "refused"] += 1
            reason = None
            if done.returncode not in (0, 1) or (done.returncode == 1 and not done.stderr.startswith("muninn: ")):
                reason = f"muninn ended with {done.returncode}"
            elif ours and not theirs and data.startswith(b"GGUF"):
                tally["read as the GGUF that it is"] += 1
            elif ours and not theirs:
                reason = "muninn alone accepts"
            elif theirs and not ours:
                rule = stricter_rule(data)
                tally[f"stricter: {rule}"] += 1
                reason = None if rule else "muninn alone refuses: " + done.stderr.strip()
            if reason:
                unexplained.append((path, reason))
            else:
                os.remove(path)
    print(f"{options.count} files, seed {options.seed}, safetensors {safetensors.__version__}")
    for name, count in sorted(tally.items()):
        print(f"{count:8} {name}")
    print(f"{len(unexplained):8} unexplained")
    for path, reason in unexplained[:20]:
        print(f"  {path}: {reason}")
    if not unexplained:
        os.rmdir(kept)
    sys.exit(1 if unexplained else 0)


if __name__ == "__main__":
    main()
