"""Arrays, tokenizers, git and signatures: what else writes into the directory of a model."""
import json
import shutil
import subprocess
import sys

import mlx.core as mx
import numpy
import safetensors.numpy
import torch
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from cases import NANO, TINY, case, config, plain, rounded, version
from trial import CHECKPOINTS, values

MLX, NUMPY = f"{version('mlx')}, `mx.save_safetensors`", f"{version('safetensors')}, `numpy.save_file`"
FIXTURES = CHECKPOINTS.parent
SIGNING = version("model-signing")


def of_mlx(work, dtype=None, metadata=None):
    tensors = dict(mx.load(str(NANO / "model.safetensors")))
    if dtype:
        tensors = {name: array.astype(dtype) for name, array in tensors.items()}
    directory = plain(work / "saved")
    mx.save_safetensors(str(directory / "model.safetensors"), tensors, **({"metadata": metadata} if metadata else {}))
    return directory


@case("`\"__metadata__\": null` in the header, f32", MLX, "taken; exports load as what they hold")
def mlx_null(trial, work):
    directory = of_mlx(work)
    assert b'"__metadata__":null' in (directory / "model.safetensors").read_bytes()[:200]
    trial.taken(directory)
    trial.exported(directory)


@case("`\"__metadata__\": {\"format\": \"mlx\"}`", MLX, "taken")
def mlx_format(trial, work):
    trial.taken(of_mlx(work, metadata={"format": "mlx"}))


@case("bf16 arrays", MLX, "taken; exports load as what they hold")
def mlx_bf16(trial, work):
    like = rounded(work, torch.bfloat16)
    directory = of_mlx(work, mx.bfloat16)
    trial.taken(directory, like=like)
    trial.exported(directory, like=like)


@case("contiguous arrays", NUMPY, "taken")
def arrays(trial, work):
    directory = plain(work / "saved")
    safetensors.numpy.save_file({name: tensor.numpy() for name, tensor in values(NANO).items()}, directory / "model.safetensors")
    trial.taken(directory)


@case("arrays that are transposed, stepped or in Fortran's order: the package stores their memory, not their values", NUMPY,
      "taken as it is stored, since nothing tells; `diff` names the tensors")
def strided(trial, work):
    tensors = {name: tensor.numpy() for name, tensor in values(NANO).items()}
    name = "transformer.core_block.1.attn.proj.weight"
    turned = {
        "transposed": numpy.ascontiguousarray(tensors[name].T).T, "fortran": numpy.asfortranarray(tensors[name]),
        "stepped": numpy.repeat(tensors[name], 2, axis=0)[::2]}
    for kind, array in turned.items():
        assert numpy.array_equal(array, tensors[name]) and not array.flags.c_contiguous
        directory = plain(work / kind)
        safetensors.numpy.save_file(tensors | {name: array}, directory / "model.safetensors")
        read = safetensors.numpy.load_file(directory / "model.safetensors")[name]
        trial.expect(not numpy.array_equal(read, array), f"the package stores the values of a {kind} array: the page is out of date")
        trial.findings(directory)
        trial.run("convert", directory, work / "taken.muninn", "--quiet", "--force")
        ran = trial.run("diff", NANO, directory, code=2)
        trial.expect(name in ran.stdout, f"diff does not name the {kind} tensor")


def with_vocabulary(work):
    """The small checkpoint with rows for each token of the bundled tokenizer."""
    tensors = values(NANO)
    tensors["transformer.wte.weight"] = tensors["transformer.wte.weight"].repeat(8, 1)
    return plain(work / "plain", tensors, config(vocab_size=2048, padded_vocab_size=2048))


PROMPT = "In the beginning"


@case("`tokenizer.json` saved with padding and truncation", f"{version('tokenizers')}, `Tokenizer.save`", "taken: neither plays a part in a prompt")
def padded(trial, work):
    directory = with_vocabulary(work)
    tokenizer = Tokenizer.from_file(str(FIXTURES / "tokenizer/tokenizer.json"))
    tokenizer.save(str(directory / "tokenizer.json"))
    trial.taken(directory, like=directory, prompt=("--prompt", PROMPT))
    ids = tokenizer.encode(PROMPT).ids
    tokenizer.enable_truncation(max_length=2)
    tokenizer.enable_padding(length=16, pad_id=0, pad_token=tokenizer.id_to_token(0))
    again = shutil.copytree(directory, work / "saved")
    tokenizer.save(str(again / "tokenizer.json"))
    saved = json.loads((again / "tokenizer.json").read_text())
    assert saved["padding"] and saved["truncation"] and len(ids) not in (2, 16)
    trial.taken(again, like=directory, prompt=("--prompt", PROMPT))
    ran = trial.run("generate", again, "--prompt", PROMPT, "--steps", 1, "--max-tokens", 1, "--json")
    if ran.returncode == 0:
        found = json.loads(ran.stdout)["prompt_tokens"]
        trial.expect(found == len(ids), f"the prompt has {found} tokens, by the package {len(ids)}")


@case("`tokenizer.json`, `tokenizer_config.json`, `chat_template.jinja`", f"{version('transformers')}, `PreTrainedTokenizerFast.save_pretrained`", "taken")
def tokenizer(trial, work):
    directory = with_vocabulary(work)
    shutil.copy(FIXTURES / "tokenizer/tokenizer.json", directory)
    again = shutil.copytree(directory, work / "saved")
    fast = PreTrainedTokenizerFast(tokenizer_file=str(FIXTURES / "tokenizer/tokenizer.json"))
    fast.pad_token = fast.convert_ids_to_tokens(2016)
    fast([PROMPT, "x"], padding="max_length", truncation=True, max_length=4)
    fast.chat_template = "{{ messages }}"
    fast.save_pretrained(again)
    pack = trial.taken(again, like=directory, prompt=("--prompt", PROMPT))
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        trial.expect(pack is None or (pack / name).exists(), f"the pack lacks {name}")


@case("`--prompt` without a tokenizer, by bytes", "the bundled checkpoint", "taken")
def byte_tokens(trial, work):
    trial.taken(TINY, like=TINY, prompt=("--prompt", "In the"))


def git(*arguments, directory):
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.invalid", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *map(str, arguments)], cwd=directory, check=True, capture_output=True)


@case("a pack in a git clone, signed there", f"git and {SIGNING}", "`verify --key` holds, and `model_signing` takes what muninn signs")
def clone(trial, work):
    origin, copy = work / "origin", work / "clone"
    trial.run("convert", NANO, origin, "--quiet")
    (origin / ".gitattributes").write_text("*.seg -text\n")
    (origin / ".gitignore").write_text("*.tmp\n")
    git("init", directory=origin)
    git("add", "--all", "--force", directory=origin)
    git("commit", "--message", "Pack", directory=origin)
    git("clone", origin, copy, directory=work)
    keys = FIXTURES / "signing"

    def package(*arguments):
        command = [sys.executable, "-m", "model_signing", *map(str, arguments)]
        ran = subprocess.run(command, capture_output=True, text=True)
        trial.expect(ran.returncode == 0, f"model_signing {arguments[0]}: {(ran.stdout + ran.stderr).strip()[-200:]}")

    package("sign", "key", copy, "--private_key", keys / "key.pem", "--signature", copy / "model.sig")
    trial.run("verify", copy, "--key", keys / "public.pem")
    git("add", "model.sig", directory=copy)
    git("commit", "--message", "Sign", directory=copy)
    git("clone", copy, work / "again", directory=work)
    trial.run("verify", work / "again", "--key", keys / "public.pem")
    trial.run("sign", copy, "--key", keys / "key.pem", "--force")
    package("verify", "key", copy, "--public_key", keys / "public.pem", "--signature", copy / "model.sig")
    with open(copy / "core.seg", "r+b") as file:
        file.seek(20000)
        byte = file.read(1)[0]
        file.seek(20000)
        file.write(bytes([byte ^ 1]))
    ran = trial.run("verify", copy, "--key", keys / "public.pem", code=2)
    trial.expect("core.seg" in ran.stdout, "the changed file is not named")
