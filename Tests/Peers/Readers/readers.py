#!/usr/bin/env python3
"""Holds the readers of formats/readers/ against packs that the writer makes, malformed packs, and their page.

usage: readers.py MUNINN MULTIPLY

MUNINN is the command, MULTIPLY the C example, built with sanitizers.
"""
import hashlib
import json
import mmap
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

import numpy as np

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
sys.path[:0] = [os.path.join(ROOT, "formats", "readers"), os.path.dirname(os.path.abspath(__file__))]
import malformed
import muninn_pack

NANO = os.path.join(ROOT, "fixtures", "expected", "huginn-nano-int8.muninn")
CHECKPOINTS = os.path.join(ROOT, "fixtures", "checkpoints")
MIXED = {"weights": "int8", "stages": {"embedding": "f16", "core": "int8:row"},
         "tensors": [{"pattern": "*.mlp.*", "encoding": "int8"},
                     {"pattern": "transformer.coda.?.attn.Wqkv.weight", "encoding": "bf16"}]}
RECIPES = ["f32", "f16", "bf16", "int8", "int8:row", "int8:160", MIXED]


def shard(path):
    """The F32 tensors of a safetensors file."""
    with open(path, "rb") as file:
        length, = struct.unpack("<Q", file.read(8))
        entries = json.loads(file.read(length))
        data = file.read()
    entries.pop("__metadata__", None)
    return {name: np.frombuffer(data[slice(*entry["data_offsets"])], "<f4").reshape(entry["shape"])
            for name, entry in entries.items() if entry["dtype"] == "F32"}


def checkpoint(name):
    folder = os.path.join(CHECKPOINTS, name)
    files = [os.path.join(folder, file) for file in os.listdir(folder) if re.fullmatch(r"model.*\.safetensors", file)]
    return {name: values for file in files for name, values in shard(file).items()}


def write_checkpoint(folder, config, tensors):
    os.mkdir(folder)
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(config, file)
    entries, offset = {}, 0
    for name, values in tensors.items():
        entries[name] = {"dtype": "F32", "shape": values.shape, "data_offsets": [offset, offset + values.nbytes]}
        offset += values.nbytes
    header = json.dumps(entries).encode()
    header += b" " * (-len(header) % 8)
    with open(os.path.join(folder, "model.safetensors"), "wb") as file:
        file.write(struct.pack("<Q", len(header)) + header + b"".join(values.tobytes() for values in tensors.values()))


def encoded(source, encoding):
    """quantization.md §3 and §4 in numpy: the planes, and §5: what they decode to."""
    if encoding["scheme"] == "f32":
        return {"values": source}, source
    if encoding["scheme"] == "f16":
        return {"values": source.astype("<f2")}, source.astype("<f2").astype("<f4")
    if encoding["scheme"] == "bf16":
        bits = source.view("<u4").astype(np.uint64)
        bits = ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype("<u4")
        return {"values": bits.astype("<u2")}, (bits << 16).view("<f4")
    rows, width = source.shape
    groups = source.reshape(rows, -1, encoding.get("group_size", width))
    quotient = np.abs(groups).max(-1) / np.float32(127)
    scales = quotient if encoding["granularity"] == "row" else quotient.astype("<f2")
    if encoding["granularity"] == "group":
        scales[(scales == 0) & groups.any(-1)] = np.float16(2 ** -24)
    wide = scales.astype("<f4")[..., None]
    codes = np.clip(np.rint(np.divide(groups, wide, out=np.zeros_like(groups), where=wide != 0)), -127, 127).astype("i1")
    decoded = (wide * codes.astype("<f4")).reshape(source.shape)
    return {"codes": codes.reshape(source.shape), "scales": scales[:, 0] if encoding["granularity"] == "row" else scales}, decoded


def c_reader(*arguments):
    result = subprocess.run([MULTIPLY, *map(str, arguments)], capture_output=True, timeout=20)
    return result.returncode, (result.stdout + result.stderr).decode(errors="replace")


class ReaderTests(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def converted(self, source, recipe):
        target = os.path.join(self.folder, "pack.muninn")
        arguments = ["--weights", recipe]
        if not isinstance(recipe, str):
            arguments = ["--recipe", os.path.join(self.folder, "recipe.json")]
            with open(arguments[1], "w") as file:
                json.dump(recipe, file)
        subprocess.run([MUNINN, "convert", source, target, *arguments, "--force", "--quiet", "-j", "1"], check=True,
                       stdout=subprocess.DEVNULL)
        return target

    def check(self, path, sources):
        pack = muninn_pack.Pack(path)
        self.assertLessEqual(pack.keys(), sources.keys())
        for entry in pack.manifest["tensors"]:
            name, tensor, source = entry["name"], pack[entry["name"]], sources[entry["name"]]
            planes, decoded = encoded(source, tensor.encoding)
            self.assertEqual(list(tensor.planes), list(planes), name)
            for role, plane in tensor.planes.items():
                self.assertIsInstance(plane.base, mmap.mmap, name)
                self.assertEqual(plane.tobytes(), planes[role].tobytes(), f"{name}: {role}")
            digest = hashlib.sha256(b"".join(plane.tobytes() for plane in tensor.planes.values())).hexdigest()
            self.assertEqual(digest, entry["sha256"], name)
            values = tensor.dequantize()
            self.assertEqual((values.dtype, values.tobytes()), (np.dtype("<f4"), decoded.astype("<f4").tobytes()), name)
            if len(entry["shape"]) == 2 and (entry["layer"] in (None, 0)):
                row = entry["shape"][0] - 1
                code, text = c_reader(path, name, row)
                self.assertEqual(code, 0, text)
                first, product = text.splitlines()
                self.assertEqual([float.fromhex(each) for each in first.split()], [float(v) for v in decoded[row, :8]], name)
                total = 0.0  # from left to right, as the example adds; numpy adds in pairs
                for each in decoded[row]:
                    total += float(each)
                self.assertEqual(float(product), total, name)

    def test_packs_of_every_encoding_decode_to_what_numpy_computes_by_the_page(self):
        sources = checkpoint("huginn-tiny")
        for recipe in RECIPES:
            with self.subTest(recipe=recipe):
                self.check(self.converted(os.path.join(CHECKPOINTS, "huginn-tiny"), recipe), sources)

    def test_the_pack_of_the_fixtures_is_read(self):
        self.check(NANO, checkpoint("huginn-nano"))

    def test_layouts_with_an_adapter_bias_an_untied_head_and_no_qk_bias_are_read(self):
        with open(os.path.join(CHECKPOINTS, "huginn-nano", "config.json")) as file:
            config = json.load(file)
        for qk_bias, bias, tied, rows, core in ((False, True, False, 320, 1), (True, True, True, 256, 0), (False, False, False, 256, 4)):
            sources = {name: values for name, values in checkpoint("huginn-nano").items() if name != "freqs_cis"
                       and (qk_bias or "qk_bias" not in name) and ("core_block" not in name or int(name.split(".")[2]) < core)}
            generator = np.random.default_rng(7)
            if rows > 256:
                sources["transformer.wte.weight"] = generator.normal(size=(rows, 96)).astype("<f4")
            if bias:
                sources["transformer.adapter.bias"] = generator.normal(size=96).astype("<f4")
            if not tied:
                sources["lm_head.weight"] = generator.normal(size=(rows, 96)).astype("<f4")
            changes = {"qk_bias": qk_bias, "bias": bias, "tie_embeddings": tied, "tie_word_embeddings": tied,
                       "padded_vocab_size": rows, "n_layers_in_recurrent_block": core, "n_layers": 4 + core,
                       "num_hidden_layers": 4 + core}
            with self.subTest(**changes):
                folder = os.path.join(self.folder, f"checkpoint-{core}")
                write_checkpoint(folder, {key: value for key, value in (config | changes).items()
                                          if key != "num_hidden_layers" or key in config}, sources)
                self.check(self.converted(folder, "int8"), sources)

    def test_codes_and_scales_that_no_writer_makes_decode_as_the_page_says(self):
        with open(os.path.join(ROOT, "formats", "quantization.md")) as file:
            rows = re.findall(r"^\| `(\w{8})` \| (-?\d+) \| (?:`(\w{8})`|NaN) \|$",
                              file.read().split("| stored scale |")[1].split("\n\n")[0], re.M)
        self.assertGreaterEqual(len(rows), 7)
        pack = self.converted(os.path.join(CHECKPOINTS, "huginn-nano"), "int8:row")
        entry = muninn_pack.Pack(pack).manifest["tensors"][0]
        codes, scales = entry["planes"]
        def change(data):
            for row, (scale, code, _) in enumerate(rows):
                place = codes["offset"] + row * entry["shape"][1]
                data[place:place + 1] = struct.pack("b", int(code))
                place = scales["offset"] + 4 * row
                data[place:place + 4] = bytes.fromhex(scale)[::-1]
            stored = b"".join(data[each["offset"]:each["offset"] + each["bytes"]] for each in (codes, scales))
            digest = hashlib.sha256(stored).hexdigest().encode()
            malformed.in_file(pack, "manifest.json", lambda text: malformed.digested(
                bytes(text).replace(entry["sha256"].encode(), digest)))
        malformed.in_file(pack, "embedding.seg", change)
        self.assertEqual(subprocess.run([MUNINN, "verify", pack], capture_output=True).returncode, 0)
        with np.errstate(invalid="ignore"):
            values = muninn_pack.Pack(pack)[entry["name"]].dequantize()
        for row, (_, _, expected) in enumerate(rows):
            code, text = c_reader(pack, entry["name"], row)
            self.assertEqual(code, 0, text)
            for value in (values[row, 0], np.float32(float.fromhex(text.split()[0]))):
                found = "" if np.isnan(value) else value.tobytes()[::-1].hex().upper()
                self.assertEqual(found, expected)

    def test_links_to_regular_files_companions_and_extensions_are_read(self):
        os.mkdir(pack := os.path.join(self.folder, "linked.muninn"))
        for name in os.listdir(NANO):
            os.symlink(os.path.join(NANO, name), os.path.join(pack, name))
        with open(os.path.join(NANO, "manifest.json"), "rb") as file:
            text = file.read().replace(b'"format":', b'"extensions":{"a":[1.5,{"}":"\\"]"}]},"format":', 1)
        os.remove(os.path.join(pack, "manifest.json"))
        with open(os.path.join(pack, "manifest.json"), "wb") as file:
            file.write(malformed.digested(text))
        open(os.path.join(pack, "README.md"), "w").close()
        self.assertEqual(len(muninn_pack.Pack(pack)), 75)
        self.assertEqual(c_reader(pack), (0, "75 tensors\n"))
        self.assertEqual(subprocess.run([MUNINN, "verify", pack], capture_output=True).returncode, 0)

    def test_each_malformed_pack_is_refused_by_those_who_should(self):
        for name in malformed.CASES:
            with self.subTest(name):
                pack = os.path.join(self.folder, name)
                expected = malformed.make(name, NANO, pack)
                try:
                    muninn_pack.Pack(pack)
                    python = "opened"
                except muninn_pack.PackError as error:
                    python = "refused"
                    self.assertTrue(str(error).startswith(pack), error)
                code, text = c_reader(pack)
                self.assertIn(code, (0, 1), text)  # the sanitizers exit with others
                self.assertEqual((python, "refused" if code else "opened"), expected, text)
                verdict = subprocess.run([MUNINN, "verify", "-j", "1", pack], capture_output=True, timeout=20)
                self.assertIn(verdict.returncode, (1, 2), verdict.stdout)

    def test_a_manifest_with_a_flipped_bit_or_cut_short_is_refused_and_crashes_nothing(self):
        random.seed(1)
        pack = os.path.join(self.folder, "flipped.muninn")
        os.mkdir(pack)
        for name in os.listdir(NANO):
            os.symlink(os.path.join(NANO, name), os.path.join(pack, name))
        with open(os.path.join(NANO, "manifest.json"), "rb") as file:
            text = file.read()
        os.remove(os.path.join(pack, "manifest.json"))
        for turn in range(150):
            changed, place = bytearray(text), random.randrange(len(text))
            changed[place] ^= 1 << random.randrange(8)
            with open(os.path.join(pack, "manifest.json"), "wb") as file:
                file.write(changed if turn % 3 else text[:place] + b',"version":1}')
            with self.assertRaises(muninn_pack.PackError):
                muninn_pack.Pack(pack)
            code, message = c_reader(pack)
            self.assertIn(code, (0, 1), message)

    def test_numbers_are_written_as_ecmascript_does(self):
        with open(os.path.join(ROOT, "fixtures", "vectors", "canonical_numbers.json")) as file:
            for bits, written in json.load(file):
                self.assertEqual(muninn_pack.canonical(struct.unpack(">d", bytes.fromhex(bits))[0]), written)

    def test_the_rotary_table_is_the_one_that_the_checkpoint_stores(self):
        stored = checkpoint("huginn-nano")["freqs_cis"]
        table = muninn_pack.Pack(NANO).freqs_cis()
        self.assertEqual((table.shape, table.dtype), (stored.shape, stored.dtype))
        self.assertLessEqual(np.abs(table - stored).max(), 1e-6)

    def test_each_reader_fits_one_sitting(self):
        for name in sorted(os.listdir(os.path.join(ROOT, "formats", "readers"))):
            if name.endswith((".py", ".h", ".c")):
                with open(os.path.join(ROOT, "formats", "readers", name)) as file:
                    self.assertLessEqual(len(file.readlines()), 200, name)


class PageTests(unittest.TestCase):
    """formats/readers.md against the readers."""

    def setUp(self):
        with open(os.path.join(ROOT, "formats", "readers.md")) as file:
            self.page = file.read()

    def rows(self, *heading):
        table = self.page.split("| " + " | ".join(heading) + " |\n")[1].split("\n\n")[0]
        return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in table.splitlines()[1:]]

    def test_the_worked_bytes_are_those_of_the_fixture(self):
        with open(os.path.join(NANO, "core.seg"), "rb") as file:
            segment = file.read()
        dumps = re.findall(r"^([0-9a-f]{8})  ((?:[0-9a-f]{2} +)+)\|", self.page, re.M)
        self.assertGreaterEqual(len(dumps), 2)
        for offset, text in dumps:
            data = bytes.fromhex(text)
            self.assertEqual(segment[int(offset, 16):int(offset, 16) + len(data)], data)

    def test_both_readers_open_a_segment_with_the_worked_header_of_pack_md(self):
        with open(os.path.join(ROOT, "formats", "pack.md")) as file:
            dump = re.findall(r"^000000[0-4]0  ((?:[0-9a-f]{2} +)+)\|", file.read(), re.M)
        with tempfile.TemporaryDirectory() as folder:
            pack = os.path.join(folder, "pack.muninn")
            shutil.copytree(NANO, pack)
            with open(os.path.join(pack, "core.seg"), "r+b") as file:
                file.write(bytes.fromhex("".join(dump)).ljust(4096, b"\0"))
            self.assertEqual(len(muninn_pack.Pack(pack)), 75)
            self.assertEqual(c_reader(pack), (0, "75 tensors\n"))

    def test_the_worked_values_are_what_both_readers_decode(self):
        name, row = re.search(r"row (\d+) of `([^`]+)`", self.page).group(2, 1)
        tensor, row = muninn_pack.Pack(NANO)[name], int(row)
        code, text = c_reader(NANO, name, row)
        self.assertEqual(code, 0, text)
        values = [float.fromhex(each) for each in text.splitlines()[0].split()]
        rows = self.rows("column", "code", "scale bits", "decoded bits")
        self.assertEqual(len(rows), 8)
        for column, code, scale, decoded in rows:
            column = int(column)
            self.assertEqual(int(code.replace("−", "-")), tensor.planes["codes"][row, column])
            self.assertEqual(scale, tensor.planes["scales"].view("<u2")[row, column // 32].tobytes()[::-1].hex().upper())
            self.assertEqual(decoded, tensor.dequantize()[row, column].tobytes()[::-1].hex().upper())
            self.assertEqual(decoded, struct.pack(">f", values[column]).hex().upper())
        self.assertIn(text, self.page)

    def test_what_the_c_reader_leaves_is_what_it_opens_and_python_refuses(self):
        left = {case for _, cases in self.rows("left to `muninn verify`", "malformed packs that show it")
                for case in re.findall(r"[\w-]+", cases)}
        self.assertEqual(left, {name for name, (_, python, c) in malformed.CASES.items() if python != c})


if __name__ == "__main__":
    MUNINN, MULTIPLY = map(os.path.abspath, sys.argv[1:3])
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
