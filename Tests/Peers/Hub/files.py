"""Configs as other programs write them, and what stands in the place of small files after a download that went wrong."""
import json
import shutil

from safetensors.torch import save_file

from cases import NANO, TINY, case, config, copied, model, plain, version
from trial import CHECKPOINTS, values

TRANSFORMERS = version("transformers")
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0123456789abcdef" * 4 + b"\nsize 127892\n"
PAGE = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>You need to log in.</body></html>\n"
STANDINS = {"git-lfs pointer": (POINTER, "git-lfs|git lfs"), "HTML page": (PAGE, "html|web page"), "empty file": (b"", "empty|no bytes|0 bytes")}


@case("`NaN` and `Infinity` in a config, in keys that play no part", "older writers' `json.dump`", "taken")
def tokens(trial, work):
    text = json.dumps(config(loss_scale=float("nan"), lower=float("-inf"), upper=float("inf")))
    assert "NaN" in text and "-Infinity" in text
    (plain(work / "saved") / "config.json").write_text(text)
    trial.taken(work / "saved")
    trial.exported(work / "saved")


@case("`{\"__float__\": \"Infinity\"}` in a config", f"{TRANSFORMERS}, `save_pretrained`", "taken")
def objects(trial, work):
    saved = model()
    saved.config.upper = float("inf")
    saved.save_pretrained(work / "saved")
    assert '"__float__": "Infinity"' in (work / "saved/config.json").read_text()
    trial.taken(work / "saved")
    trial.exported(work / "saved")


@case("`null` for keys that may be absent", f"{TRANSFORMERS}, `save_pretrained`", "taken: null is absent")
def nulls(trial, work):
    saved = model()
    absent = ("head_dim", "num_key_value_heads", "mean_recurrence", "rope_base", "norm_eps", "qk_bias", "bias",
              "tie_embeddings", "n_layers", "block_class_name", "nonlin_name", "test_time_noise")
    for key in absent:
        setattr(saved.config, key, None)
    saved.config.hidden_size = None
    saved.save_pretrained(work / "saved")
    found = json.loads((work / "saved/config.json").read_text())
    assert all(key in found and found[key] is None for key in (*absent, "hidden_size"))
    trial.taken(work / "saved")


@case("a byte order mark before the config", f"Windows editors; {TRANSFORMERS} refuses it too", "refused: names it")
def mark(trial, work):
    place = plain(work / "saved") / "config.json"
    place.write_bytes(b"\xef\xbb\xbf" + place.read_bytes())
    trial.refused(work / "saved", "byte order mark")


def standing(trial, work, name, source=NANO, required=True):
    """Each stand-in for a file is one finding that says what it is, at validate and at convert."""
    for kind, (content, pattern) in STANDINS.items():
        directory = copied(work, source, kind.replace(" ", "-"))
        if name == "tokenizer.json":
            shutil.copy(CHECKPOINTS.parent / "tokenizer/tokenizer.json", directory)
        (directory / name).write_bytes(content)
        named(trial, directory, name, pattern, required)


def cut(trial, work, name, source=NANO, required=True):
    directory = copied(work, source, "cut")
    if name == "tokenizer.json":
        shutil.copy(CHECKPOINTS.parent / "tokenizer/tokenizer.json", directory)
    whole = (directory / name).read_bytes()
    (directory / name).write_bytes(whole[:len(whole) // 2])
    named(trial, directory, name, "cut|ends|truncated|incomplete|JSON", required)


def named(trial, directory, name, pattern, required):
    ran = trial.run("validate", directory, "--json", code=2 if required else None)
    found = json.loads(ran.stdout)["diagnostics"] if ran.stdout.startswith("{") else []
    loud = [each for each in found if each["severity"] != "information"]
    text = [f"{each['subject']} {each.get('found', '')} {each['meaning']} {each['hint']}" for each in loud]
    trial.expect(len(loud) == 1 and name in text[0], f"{directory.name} for {name}: {len(loud)} findings, {[each[:150] for each in text[:2]]}")
    trial.one_says(text, [pattern], f"validate, {directory.name} for {name},")
    ran = trial.run("convert", directory, directory.parent / "small.muninn", "--force", code=1 if required else None)
    trial.expect(name in ran.stderr, f"convert says nothing of {name}: {directory.name}")


def stands(name, source=NANO, required=True):
    verdict = "refused: one finding says what it is" if required else "one finding says what it is, and conversion repeats it"

    @case(f"a git-lfs pointer, an HTML page, nothing in place of `{name}`; half of it", "git without git-lfs, a gate, a full disk", verdict)
    def replaced(trial, work):
        standing(trial, work, name, source, required)
        cut(trial, work, name, source, required)
    replaced.__name__ = name.split(".")[-2] if name != "config.json" else "config"


stands("config.json")
stands("model.safetensors.index.json", TINY)
stands("generation_config.json", required=False)
stands("tokenizer.json", required=False)


@case("a git-lfs pointer, an HTML page, nothing in place of a shard; half of it", "git without git-lfs, a gate, a full disk",
      "refused: one finding says what it is")
def shard(trial, work):
    name = "model-00002-of-00003.safetensors"
    standing(trial, work, name, TINY)
    directory = copied(work, TINY, "cut")
    whole = (directory / name).read_bytes()
    (directory / name).write_bytes(whole[:len(whole) // 2])
    named(trial, directory, name, "ends|bytes", True)


@case("`config.json` of another model beside the weights", f"{version('safetensors')}, `torch.save_file`", "refused: names the shapes")
def other(trial, work):
    directory = plain(work / "saved")
    save_file(values(TINY), directory / "model.safetensors")
    ran = trial.run("validate", directory, code=2)
    trial.expect("transformer.adapter.weight" in ran.stdout, "the adapter's shape is not named")
    trial.run("convert", directory, work / "refused.muninn", code=1)
