"""Runs muninn's verbs on what another program wrote, and keeps what is not as it should be."""
import functools
import json
import pathlib
import re
import subprocess

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, CompressedTensorsConfig

CHECKPOINTS = pathlib.Path(__file__).resolve().parents[3] / "fixtures/checkpoints"
DTYPES = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}
ORDER = ["validate", "convert", "verify", "generate", "export", "diff", "sign"]


class Tool:
    """The executable, and what it makes of checkpoints that are known to be right."""

    def __init__(self, path, work):
        self.path, self.work = path, work

    def run(self, *arguments):
        return subprocess.run([self.path, *map(str, arguments)], capture_output=True, text=True, errors="replace", timeout=300)

    @functools.cache
    def reference(self, directory, flags=(), prompt=("--tokens", "1,2,3")):
        """What the plain checkpoint in a directory gives: its pack's digests, and what it writes."""
        pack = self.work / f"reference-{self.reference.cache_info().currsize}.muninn"
        converted = self.run("convert", directory, pack, "--quiet", "--force", *flags)
        assert converted.returncode == 0, converted.stderr
        return digests(pack), self.tokens(directory, prompt), self.tokens(pack, prompt)

    def tokens(self, model, prompt, flags=()):
        ran = self.run("generate", model, *prompt, "--steps", 2, "--max-tokens", 4, "--json", *flags)
        return json.loads(ran.stdout)["tokens"] if ran.returncode == 0 else ran.stderr.strip()


def digests(pack):
    manifest = json.loads((pack / "manifest.json").read_text())
    return {tensor["name"]: (tensor["segment"], tensor["sha256"]) for tensor in manifest["tensors"]}


def values(directory, dtype=torch.float32):
    """The tensors of a plain checkpoint, as they are to be after one rounding."""
    found = {}
    for shard in sorted(pathlib.Path(directory).glob("model*.safetensors")):
        found |= load_file(shard)
    return {name: tensor.to(dtype) for name, tensor in found.items() if name not in ("freqs_cis", "lm_head.weight")}


def said(finding):
    parts = (finding.get(key, "") for key in ("code", "subject", "meaning", "expected", "found", "hint"))
    return " ".join(filter(None, parts))


class Trial:
    def __init__(self, tool, work):
        self.tool, self.work = tool, work
        self.verbs, self.faults = set(), []

    def expect(self, holds, what):
        if not holds:
            self.faults.append(what)
        return holds

    def run(self, *arguments, code=0):
        """Runs a verb; an exit code other than the expected is a fault, with None a crash alone."""
        self.verbs.add(arguments[0])
        ran = self.tool.run(*arguments)
        if ran.returncode != code and not (code is None and ran.returncode in (0, 1, 2)):
            last = (ran.stderr.strip() or ran.stdout.strip().partition("{")[0]).splitlines()[-1:]
            what = " ".join(str(each).removeprefix(f"{self.work}/") for each in arguments)
            self.faults.append(f"'{what}' ends with {ran.returncode}, expected {code}: {''.join(last)[:300]}")
        return ran

    def findings(self, path, *flags, errors=0, warnings=()):
        """Validates; the warnings are matched, one by one, by the patterns that are given."""
        ran = self.run("validate", path, "--json", *flags, code=2 if errors else 0)
        if not ran.stdout.startswith("{"):
            return []
        found = json.loads(ran.stdout)["diagnostics"]
        loud = {severity: [said(each) for each in found if each["severity"] == severity] for severity in ("error", "warning")}
        self.expect(len(loud["error"]) == errors, f"{len(loud['error'])} errors, expected {errors}: {loud['error'][:2]}")
        self.match(loud["warning"], warnings)
        return found

    def match(self, texts, patterns):
        for pattern in patterns:
            hit = next((text for text in texts if re.search(pattern, text, re.IGNORECASE)), None)
            if self.expect(hit is not None, f"nothing says /{pattern}/: {texts[:3]}"):
                texts = [text for text in texts if text != hit]
        self.expect(not texts, f"unexpected: {[text[:200] for text in texts[:3]]}")

    def taken(self, path, *flags, like=CHECKPOINTS / "huginn-nano", warnings=(), prompt=("--tokens", "1,2,3")):
        """A checkpoint is read as the plain one in `like` is, by each verb; its pack is returned."""
        self.verbs |= {"validate", "convert", "verify", "generate"}
        wanted, source_tokens, pack_tokens = self.tool.reference(like, prompt=prompt)
        self.findings(path, *flags, warnings=warnings)
        pack = self.work / "taken.muninn"
        if self.run("convert", path, pack, "--quiet", "--force", *flags).returncode != 0:
            return None
        found = digests(pack)
        wrong = [name for name in sorted(wanted | found) if wanted.get(name) != found.get(name)]
        self.expect(not wrong, f"{len(wrong)} tensors of the pack are others, {wrong[:2]} among them")
        self.run("verify", pack, "--source", path, *flags)
        for model, tokens, more in ((path, source_tokens, flags), (pack, pack_tokens, ())):
            written = self.tool.tokens(model, prompt, more)
            self.expect(written == tokens, f"generate {model.name} gives {written}, expected {tokens}")
        return pack

    def refused(self, path, *patterns, flags=(), verbs=("validate", "convert", "generate"), loud=None):
        """One finding, whose words match all patterns, and every verb refuses."""
        if "validate" in verbs:
            found = [said(each) for each in self.findings(path, *flags, errors=1, warnings=loud or ()) if each["severity"] == "error"]
            self.one_says(found, patterns, "validate")
        if "convert" in verbs:
            ran = self.run("convert", path, self.work / "refused.muninn", "--quiet", "--force", *flags, code=1)
            self.one_says([ran.stderr], patterns, "convert")
            self.expect(not (self.work / "refused.muninn").exists(), "a refused conversion leaves a pack")
        if "generate" in verbs:
            self.run("generate", path, "--tokens", "1", "--max-tokens", 1, *flags, code=1)

    def one_says(self, texts, patterns, verb):
        for pattern in patterns:
            heard = any(re.search(pattern, text, re.IGNORECASE) for text in texts)
            self.expect(heard, f"{verb} does not say /{pattern}/: {[text[:300] for text in texts[:2]]}")

    def exported(self, source, *flags, like=CHECKPOINTS / "huginn-nano"):
        """Exports of a source, loaded by transformers, hold the values of `like` to the bit, in their dtype."""
        for name, dtype in DTYPES.items():
            target = self.work / f"export-{name}"
            ran = self.run("export", source, target, "--to", "safetensors", "--dtype", name, "--quiet", "--force", *flags)
            if ran.returncode == 0:
                self.loads(target, values(like, dtype), dtype)

    def loads(self, target, wanted, dtype, config=None):
        """What transformers loads from a directory is as wanted, bit for bit."""
        try:
            model, report = AutoModelForCausalLM.from_pretrained(
                target, dtype="auto", output_loading_info=True, **({"quantization_config": config} if config else {}))
        except Exception as error:
            return self.expect(False, f"transformers refuses {target.name}: {type(error).__name__}: {str(error)[:200]}")
        lost = {key: sorted(names)[:2] for key, names in report.items() if names}
        self.expect(not lost, f"transformers loads {target.name} with {lost}")
        self.expect(model.dtype == dtype, f"transformers loads {target.name} as {model.dtype}, expected {dtype}")
        held = {name: tensor for name, tensor in model.state_dict().items() if name != "lm_head.weight"}
        wrong = [name for name in sorted(wanted | held) if name not in held or name not in wanted
                 or held[name].dtype != wanted[name].dtype or not torch.equal(held[name], wanted[name])]
        self.expect(not wrong, f"{len(wrong)} tensors of {target.name} are others in transformers: {wrong[:3]}")

    def compressed(self, source, scheme, weights):
        """A compressed-tensors export, decompressed by transformers, is the decoded export to the bit."""
        pack, target, plain = (self.work / name for name in ("codes.muninn", f"export-{scheme}", "decoded"))
        for command in [("convert", source, pack, "--weights", weights),
                        ("export", pack, target, "--to", "compressed-tensors", "--scheme", scheme),
                        ("export", pack, plain, "--to", "safetensors")]:
            if self.run(*command, "--quiet", "--force").returncode != 0:
                return
        self.loads(target, values(plain), torch.float32, CompressedTensorsConfig(dequantize=True))
