"""What `save_pretrained` of transformers writes, and which of several files holds the weights."""
import json

import safetensors.torch
import torch
from safetensors.torch import save_file

from cases import NANO, case, config, model, plain, rounded, version
from trial import values

TRANSFORMERS = version("transformers")
SAVE = f"{TRANSFORMERS}, `save_pretrained`"
INDEX = "model.safetensors.index.json"


@case("one file, f32; `dtype` in the config", SAVE, "taken; exports load as what they hold")
def whole(trial, work):
    model().save_pretrained(work / "saved")
    pack = trial.taken(work / "saved")
    findings = trial.findings(work / "saved")
    trial.expect(not any(each["subject"] == "dtype" for each in findings), "`dtype` is not known as a key")
    trial.exported(work / "saved")
    if pack and trial.run("convert", work / "saved", work / "f32.muninn", "--weights", "f32", "--quiet").returncode == 0:
        trial.exported(work / "f32.muninn")


@case("one file, bf16", SAVE, "taken; exports load as what they hold")
def bf16(trial, work):
    model(torch.bfloat16).save_pretrained(work / "saved")
    like = rounded(work, torch.bfloat16)
    trial.taken(work / "saved", like=like)
    trial.exported(work / "saved", like=like)


@case("one file, f16", SAVE, "taken; exports load as what they hold")
def f16(trial, work):
    model(torch.float16).save_pretrained(work / "saved")
    like = rounded(work, torch.float16)
    trial.taken(work / "saved", like=like)
    trial.exported(work / "saved", like=like)


@case("shards and an index", f"{SAVE} with `max_shard_size`", "taken; exports load as what they hold")
def shards(trial, work):
    model().save_pretrained(work / "saved", max_shard_size="1MB")
    trial.taken(work / "saved")
    trial.exported(work / "saved")


@case("a release's config, its weights exported as compressed-tensors", f"muninn, loaded by {TRANSFORMERS} and {version('compressed-tensors')}",
      "w8a8 and w8a16 decompress to the decoded values")
def compressed(trial, work):
    trial.compressed(NANO, "w8a8", "int8:row")
    trial.compressed(NANO, "w8a16", "int8")


@case("one file `model.bf16.safetensors`", f"{SAVE} with `variant`", "taken, with and without `--variant`")
def variant(trial, work):
    model(torch.bfloat16).save_pretrained(work / "saved", variant="bf16")
    like = rounded(work, torch.bfloat16)
    trial.taken(work / "saved", like=like)
    trial.taken(work / "saved", "--variant", "bf16", like=like)


@case("`model.safetensors` beside shards of a variant and `model.safetensors.index.bf16.json`", f"{SAVE} twice",
      "taken; `--variant` takes the other")
def beside(trial, work):
    model().save_pretrained(work / "saved")
    model(torch.bfloat16).save_pretrained(work / "saved", variant="bf16", max_shard_size="500KB")
    trial.taken(work / "saved")
    trial.taken(work / "saved", "--variant", "bf16", like=rounded(work, torch.bfloat16))


@case("`model.safetensors` beside the index of a variant, whose shards the later save removed", f"{SAVE} twice",
      "taken; `--variant` is refused, and names the shards")
def removed(trial, work):
    model(torch.bfloat16).save_pretrained(work / "saved", variant="bf16", max_shard_size="500KB")
    model().save_pretrained(work / "saved")
    trial.expect(not list((work / "saved").glob("model.bf16-*")), "the variant's shards were not removed: the page is out of date")
    trial.taken(work / "saved")
    ran = trial.run("validate", work / "saved", "--variant", "bf16", code=2)
    trial.expect("model.bf16-00001-of-00003.safetensors" in ran.stdout, "the shards that are missing are not named")
    trial.run("convert", work / "saved", work / "refused.muninn", "--variant", "bf16", code=1)


@case("two variants and nothing else", f"{SAVE} twice", "refused: names both; `--variant` takes either")
def variants(trial, work):
    model(torch.bfloat16).save_pretrained(work / "saved", variant="bf16", max_shard_size="500KB")
    model(torch.float16).save_pretrained(work / "saved", variant="fp16")
    trial.refused(work / "saved", "bf16", "fp16", "--variant")
    trial.taken(work / "saved", "--variant", "bf16", like=rounded(work, torch.bfloat16))
    trial.taken(work / "saved", "--variant", "fp16", like=rounded(work, torch.float16))
    trial.refused(work / "saved", "fp32", "bf16", "fp16", flags=["--variant", "fp32"])


@case("a subfolder", SAVE, "taken; its parent is refused, and names it")
def subfolder(trial, work):
    model().save_pretrained(work / "saved/inner")
    (work / "saved/README.md").write_text("# Below\n")
    trial.taken(work / "saved/inner")
    trial.refused(work / "saved", "inner")


@case("`model.safetensors` of an earlier save beside the index and shards of a later one", f"{SAVE} twice",
      "taken as transformers does: `model.safetensors`, with one warning")
def generations(trial, work):
    model().save_pretrained(work / "saved")
    later = model()
    with torch.no_grad():
        later.transformer.adapter.weight.mul_(2)
    later.save_pretrained(work / "saved", max_shard_size="1MB")
    trial.loads(work / "saved", values(NANO), torch.float32)
    trial.taken(work / "saved", warnings=["model.safetensors.index.json"])


@case("an index left over beside one file", f"{SAVE} twice", "taken, with one warning")
def leftover(trial, work):
    model().save_pretrained(work / "saved", max_shard_size="1MB")
    model().save_pretrained(work / "saved")
    trial.expect((work / "saved" / INDEX).exists(), "the index was removed")
    trial.expect(len(list((work / "saved").glob("*.safetensors"))) == 1, "the shards were not removed")
    trial.taken(work / "saved", warnings=["model.safetensors.index.json"])


@case("shards `model-0000K-of-0000N.safetensors` without an index", f"{SAVE}, the index lost", "taken")
def unindexed(trial, work):
    model().save_pretrained(work / "saved", max_shard_size="1MB")
    (work / "saved" / INDEX).unlink()
    trial.taken(work / "saved")
    (work / "saved/model-00002-of-00003.safetensors").unlink()
    trial.refused(work / "saved", "model-00002-of-00003.safetensors")


@case("an index that writes `./NAME`, or has no `metadata`", f"{SAVE}, the index edited", "taken")
def paths(trial, work):
    model().save_pretrained(work / "saved", max_shard_size="1MB")
    place = work / "saved" / INDEX
    index = json.loads(place.read_text())
    place.write_text(json.dumps(index | {"weight_map": {name: f"./{shard}" for name, shard in index["weight_map"].items()}}))
    trial.taken(work / "saved")
    place.write_text(json.dumps({"weight_map": index["weight_map"]}))
    trial.taken(work / "saved")


@case("a tied model of which the head is stored and the embedding is its alias", f"{version('safetensors')}, `torch.save_model`",
      "taken")
def alias(trial, work):
    plain(work / "saved")
    safetensors.torch.save_model(model(), work / "saved/model.safetensors")
    trial.loads(work / "saved", values(NANO), torch.float32)
    trial.taken(work / "saved")
    trial.exported(work / "saved")


@case("a head that is stored, differs, and is tied by the config", f"{TRANSFORMERS} loads it as its own, with a warning",
      "refused, with what to do; `--ignore-stored-head` takes it without")
def head(trial, work):
    untied = model()
    untied.lm_head.weight = torch.nn.Parameter(untied.transformer.wte.weight * 2)
    untied.save_pretrained(work / "saved")
    loaded = model(directory=work / "saved")
    trial.expect(loaded.lm_head.weight is not loaded.transformer.wte.weight, "transformers ties a head that differs")
    trial.expect(torch.equal(loaded.lm_head.weight, untied.lm_head.weight), "transformers loads another head")
    trial.refused(work / "saved", "head-different|differs from the embedding", "tie_embeddings", "--ignore-stored-head", verbs=("validate", "convert"))
    pack = work / "ignored.muninn"
    if trial.run("convert", work / "saved", pack, "--ignore-stored-head", "--quiet").returncode == 0:
        trial.run("verify", pack, "--source", work / "saved")


@case("the head stored, untied by the config", SAVE, "taken; exports load as what they hold")
def untied(trial, work):
    members = config(tie_embeddings=False, tie_word_embeddings=False)
    tensors = values(NANO)
    plain(work / "plain", tensors | {"lm_head.weight": tensors["transformer.wte.weight"] * 2}, members)
    model(directory=work / "plain").save_pretrained(work / "saved")
    trial.taken(work / "saved", like=work / "plain")
    for name in ("f32", "bf16", "f16"):
        target = work / f"export-{name}"
        trial.run("export", work / "saved", target, "--to", "safetensors", "--dtype", name, "--quiet")
        loaded = model(dtype="auto", directory=target)
        wanted = (tensors["transformer.wte.weight"] * 2).to(loaded.dtype)
        trial.expect(torch.equal(loaded.lm_head.weight, wanted), f"the head of {name} is another in transformers")


@case("`pytorch_model.bin` alone", f"{version('torch')}, `torch.save`", "refused: names it, and what to do")
def pickled(trial, work):
    plain(work / "saved")
    (work / "saved/model.safetensors").unlink()
    torch.save(values(NANO), work / "saved/pytorch_model.bin")
    trial.refused(work / "saved", "pytorch_model.bin")


@case("one file of another name, `consolidated.safetensors`", f"{version('safetensors')}, `torch.save_file`", "refused: names it")
def renamed(trial, work):
    plain(work / "saved")
    (work / "saved/model.safetensors").unlink()
    save_file(values(NANO), work / "saved/consolidated.safetensors")
    trial.refused(work / "saved", "consolidated.safetensors")
