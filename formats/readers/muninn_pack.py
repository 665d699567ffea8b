"""Reads muninn packs, version 1, by the pages of formats/ alone, with the standard library and numpy.

Opening checks all but payload: to read every byte, and to look at what else lies there, is for `muninn verify`."""
import fnmatch, hashlib, json, math, mmap, os, re, stat, struct, zlib
import numpy as np

STAGES = {"embedding": None, "prelude": "prelude", "core": "core_block", "coda": "coda"}  # as tensors' names have it
COUNTS = {"prelude": "n_layers_in_prelude", "core": "n_layers_in_recurrent_block", "coda": "n_layers_in_coda"}
VIEWS = {"F32": "<f4", "F16": "<f2", "BF16": "<u2", "I8": "i1", "U4": "u1"}  # numpy has no bfloat16: its bits
DIGEST, PLAIN, DTYPE = "[0-9a-f]{64}", "[A-Za-z0-9_][A-Za-z0-9._-]{0,254}", "F32|F16|BF16"
ENCODING, INDEX = "f32|bf16|f16|int8:row|int[48]:[1-9][0-9]{1,7}", r"model\.safetensors\.index\.json"
SUMS = {"max_abs": (5e-324, 1.8e308), "sum_sq_error": (0.0, 1.8e308), "sum_sq_source": (0.0, 1.8e308)}
SIDECAR = rf"(?=((generation_)?config|special_tokens_map|tokenizer.*)\.json$|chat_template|LICENSE|NOTICE){PLAIN}"
MODEL = dict.fromkeys(("n_embd", "n_heads", "num_key_value_heads", "head_dim", "intermediate_size", "vocab_size",
                       "padded_vocab_size", "block_size", "mean_recurrence"), (1, 1 << 24))
MODEL |= dict.fromkeys(COUNTS.values(), (0, 4096)) | {"rope_base": (1.0, 1e30), "norm_eps": (1e-30, 1.0)}
MODEL |= dict.fromkeys(("qk_bias", "bias", "tie_embeddings"), bool)

class PackError(ValueError):
    """Why a pack is refused: the file, the place in it, what was found there and what was expected."""

def require(condition, place, found, expected):
    if not condition:
        raise PackError(f"{place} is {found!r:.99}, expected {expected!s:.99}")

def require_bytes(found, expected, what):
    at = 0 if found == expected else len(os.path.commonprefix([found, expected]))
    require(found == expected, f"{what} at byte {at}", found[at:at + 40], expected[at:at + 40])

def pick(found, **kinds):
    """Members that follow from no others, checked to be text like a pattern, a number in a range, or of a type."""
    for key, kind, value in ((key, kind, found[key]) for key, kind in kinds.items()):
        good = (type(value) in (int, type(kind[0])) and kind[0] <= value <= kind[1] if isinstance(kind, tuple)
                else isinstance(value, str) and re.fullmatch(kind, value, re.S) if isinstance(kind, str)
                else isinstance(value, kind))
        require(good, key, value, kind)
    return {key: found[key] for key in kinds}

def optional(found, key, kind):
    return pick(found, **{key: kind}) if key in found else {}

def canonical(value, levels=64):
    """RFC 8785: keys in UTF-16 order, no white space, numbers as ECMAScript writes them."""
    if value is None or isinstance(value, (bool, str)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (int, float)):
        require(math.isfinite(number := float(value)), "a number", value, "one that binary64 holds")
        fixed = number == 0 or 1e-6 <= abs(number) < 1e21  # + 0, since -0 is written 0
        return np.format_float_positional(number + 0, trim="-") if fixed else repr(number).replace("e-0", "e-")
    require(levels > 0, "the nesting", "deeper", "at most 64 levels")
    if isinstance(value, list):
        return "[" + ",".join(canonical(each, levels - 1) for each in value) + "]"
    keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
    return "{" + ",".join(f"{canonical(key)}:{canonical(value[key], levels - 1)}" for key in keys) + "}"

def checked_model(found):
    """huginn-layout.md §2. The bounds keep every later product small."""
    model = pick(found, **MODEL)
    d, heads, rows = model["n_embd"], model["n_heads"], model["padded_vocab_size"]
    model |= {"embedding_scale": math.sqrt(d), "state_std": math.sqrt(2 / (5 * d))}
    require(heads * model["head_dim"] == d and model["head_dim"] % 2 == 0 and model["num_key_value_heads"] == heads
            and model["vocab_size"] <= rows and d * max(rows, 3 * d, 2 * model["intermediate_size"]) <= 1 << 40,
            "model", model, "heads that make up n_embd, a row for each token, and no matrix above 2^40 elements")
    return model

def model_tensors(model):
    """huginn-layout.md §3: (stage, layer, name, shape) in the order of the segments."""
    d, m, table = model["n_embd"], model["intermediate_size"], [model["padded_vocab_size"], model["n_embd"]]
    members = [("norm_1.weight", [d]), ("attn.qk_bias", [2, 1, model["n_heads"], model["head_dim"]]),
               ("attn.Wqkv.weight", [3 * d, d]), ("attn.proj.weight", [d, d]), ("norm_2.weight", [d]),
               ("norm_3.weight", [d]), ("mlp.fc.weight", [2 * m, d]), ("mlp.proj.weight", [d, m]), ("norm_4.weight", [d])]
    layers = {stage: [(stage, layer, f"transformer.{STAGES[stage]}.{layer}.{member}", shape)
                      for layer in range(model[count]) for member, shape in members
                      if member != "attn.qk_bias" or model["qk_bias"]] for stage, count in COUNTS.items()}
    adapter = [("core", None, "transformer.adapter.weight", [d, 2 * d]), ("core", None, "transformer.adapter.bias", [d])]
    last = [("coda", None, "transformer.ln_f.weight", [d]), ("coda", None, "lm_head.weight", table)]
    return [("embedding", None, "transformer.wte.weight", table), *layers["prelude"], *adapter[:1 + model["bias"]],
            *layers["core"], *layers["coda"], *last[:2 - model["tie_embeddings"]]]

def checked_recipe(found, stage_of):
    """manifest.md §3: the recipe, and the encoding that it gives each matrix."""
    recipe, stages = pick(found, weights=ENCODING), found.get("stages", {})
    stages = pick(stages, **dict.fromkeys(stages.keys() & STAGES.keys(), f"(?!{recipe['weights']}$)({ENCODING})"))
    overrides = [pick(each, pattern=".*", encoding=ENCODING) for each in found.get("tensors", [])[:256]]
    encodings = {name: stages.get(stage, recipe["weights"]) for name, stage in stage_of.items()}
    for pattern, encoding in map(dict.values, overrides):
        matching = fnmatch.filter(stage_of, pattern.replace("[", "[[]"))  # a bracket is not special here
        require(matching and len(pattern.encode()) <= 256, "pattern", pattern, "one that matches a matrix")
        encodings |= dict.fromkeys(matching, encoding)
    return recipe | ({"stages": stages} if stages else {}) | ({"tensors": overrides} if overrides else {}), encodings

def encoded(encoding, shape):
    """quantization.md §2: an encoding as the manifest spells it, and the role, dtype and shape of each plane."""
    scheme, _, size = encoding.partition(":")
    if not size:
        return {"scheme": scheme}, [("values", scheme.upper(), shape)]
    if size == "row":
        return {"scheme": scheme, "granularity": size}, [("codes", "I8", shape), ("scales", "F32", shape[:1])]
    require(int(size) % 32 == 0 == shape[1] % int(size), "encoding", encoding, f"32, 64, 96 … that tile {shape[1]}")
    codes = ("codes", "I8" if scheme == "int8" else "U4", shape), ("scales", "F16", [shape[0], shape[1] // int(size)])
    return {"scheme": scheme, "granularity": "group", "group_size": int(size)}, codes

def derived(found):
    """What the manifest must be, given those of its members that follow from no others."""
    def files(entries, key, pattern):
        by_name = {entry[key]: pick(entry, **{key: pattern, "bytes": (0, 1 << 53), "sha256": DIGEST}) for entry in entries}
        return [by_name[name] for name in sorted(by_name)]
    pick(found, format="muninn-pack", version=(1, 1))
    layout = model_tensors(model := checked_model(found["model"]))
    require(len(found["tensors"]) == len(layout), "the number of tensors", len(found["tensors"]), len(layout))
    recipe, encodings = checked_recipe(found["recipe"], {t[2]: t[0] for t in layout if len(t[3]) == 2})
    tensors, ends = [], dict.fromkeys(STAGES, 4096)
    for (stage, layer, name, shape), leaf in zip(layout, found["tensors"]):
        spelled, arrays = encoded(encodings.get(name, "f32"), shape)
        begins_unit = re.search(r"(wte|adapter|norm_1|ln_f|lm_head)\.weight$", name)
        planes, end = [], ends[stage] + -ends[stage] % (16384 if begins_unit else 64)
        for role, dtype, plane in arrays:
            offset, count = end + -end % 64, math.prod(plane) * np.dtype(VIEWS[dtype]).itemsize >> (dtype == "U4")
            planes.append({"role": role, "dtype": dtype, "shape": plane, "offset": offset, "bytes": count})
            end = offset + count
        ends[stage] = end
        error = leaf["error"] if leaf["error"] is None else pick(leaf["error"], **SUMS)
        tensors.append({"name": name, "segment": stage, "layer": layer, "shape": shape, "encoding": spelled,
                        "planes": planes, "error": error} | pick(leaf, sha256=DIGEST, source_dtype=DTYPE))
    source, rotary = found["source"], found["derived"]["freqs_cis"]
    require(source["files"], "source.files", source["files"], "a list of at least one")
    return optional(found, "extensions", dict) | pick(found, digest=DIGEST, identity=DIGEST) | {
        "format": "muninn-pack", "version": 1, "model": model, "recipe": recipe, "tensors": tensors,
        "source": {"files": files(source["files"], "name", PLAIN)}
        | ({"index": files([source["index"]], "name", INDEX)[0]} if "index" in source else {}),
        "tool": pick(found["tool"], name=".*", version=".*"), "sidecars": files(found["sidecars"], "file", SIDECAR),
        "segments": [{"name": stage, "file": f"{stage}.seg", "bytes": end + -end % 16384} for stage, end in ends.items()],
        "aliases": {"lm_head.weight": "transformer.wte.weight"} if model["tie_embeddings"] else {},
        "derived": {"freqs_cis": {"shape": [1, model["block_size"], 1, model["head_dim"] // 2, 2],
                                  "rope_base": model["rope_base"]} | optional(rotary, "stored", DTYPE)}}

class Tensor:
    def __init__(self, entry, segment):
        """`planes`, by role, are views of the mapped segment: nothing is copied."""
        self.name, self.stage, self.shape, self.encoding = map(entry.get, ("name", "segment", "shape", "encoding"))
        self.planes = {p["role"]: np.ndarray([*p["shape"][:-1], p["shape"][-1] >> (p["dtype"] == "U4")],
                                             VIEWS[p["dtype"]], segment, p["offset"]) for p in entry["planes"]}

    def dequantize(self):
        """The values in binary32 (quantization.md §5): for f32 still a view, else computed."""
        if (values := self.planes.get("values")) is not None:
            return (values.astype("<u4") << 16).view("<f4") if values.dtype == "<u2" else values.astype("<f4", copy=False)
        scales, codes = self.planes["scales"].astype("<f4")[..., None], self.planes["codes"]
        if codes.dtype == "u1":  # two in a byte, each plus 8, that of the even column in the low half
            codes = np.stack([codes & 15, codes >> 4], -1).astype("i1") - np.int8(8)
        return (scales * codes.reshape(*scales.shape[:-1], -1).astype("<f4")).reshape(self.shape)

class Pack(dict):
    """The tensors of a pack by name; `manifest` and `model` are what manifest.md says."""
    def __init__(self, directory):
        self.manifest = self.opened(os.path.join(directory, "manifest.json"), 2, 16 << 20, self.read_manifest)
        self.model = self.manifest["model"]
        for each in self.manifest["segments"]:
            path, sizes = os.path.join(directory, each["file"]), 2 * [each["bytes"]]
            segment = self.opened(path, *sizes, self.map_segment, each["name"])
            self.update({t["name"]: Tensor(t, segment) for t in self.manifest["tensors"] if t["segment"] == each["name"]})

    def opened(self, path, shortest, longest, read, *arguments):
        try:  # O_NONBLOCK, since a fifo in the place of a file would wait for a writer
            with open(path, "rb", opener=lambda path, flags: os.open(path, flags | os.O_NONBLOCK)) as file:
                status = os.fstat(file.fileno())
                require(stat.S_ISREG(status.st_mode), "this", stat.filemode(status.st_mode), "a regular file")
                require(shortest <= status.st_size <= longest, "the length", status.st_size, f"{shortest} to {longest}")
                return read(file, status.st_size, *arguments)
        except (KeyError, OSError, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
            raise PackError(f"{path}: {'no member ' if isinstance(error, KeyError) else ''}{error}") from error

    def read_manifest(self, file, length):
        manifest = derived(json.loads((text := file.read(length)).decode()))
        require_bytes(text, canonical(manifest).encode(), "the text")  # twins, unknown keys, other notations: all differ
        digest = hashlib.sha256(text.replace(b'"digest":"%b",' % manifest["digest"].encode(), b"", 1)).hexdigest()
        require(manifest["digest"] == digest, "digest", manifest["digest"], digest)
        return manifest

    def map_segment(self, file, length, stage):
        """pack.md §3: the header page is, to the byte, the one that manifest and stage give."""
        identity = bytes.fromhex(self.manifest["identity"])
        fields = struct.pack("<8sII16sQ32s", b"\x89MUNIN\r\n", 1, 4096, stage.encode(), length, identity)
        segment = mmap.mmap(file.fileno(), length, access=mmap.ACCESS_READ)
        require_bytes(segment[:4096], fields + struct.pack("<I", zlib.crc32(fields)) + bytes(4020), "the header page")
        return segment

    def freqs_cis(self):
        """The rotary table (huginn-layout.md §4)."""
        pairs = self.model["head_dim"] // 2
        powers = np.power(float(self.model["rope_base"]), np.arange(pairs) / pairs).astype(np.float32)
        angles = (np.arange(self.model["block_size"], dtype="f4")[:, None] * (np.float32(1) / powers)).astype("f8")
        return np.stack([np.cos(angles), np.sin(angles)], -1).astype("f4").reshape(1, -1, 1, pairs, 2)

    def to_torch_state_dict(self):
        """What the authors' RavenForCausalLM loads strictly, in binary32; a tied head is the embedding itself."""
        import torch
        state = {name: torch.from_numpy(np.array(tensor.dequantize(), np.float32)) for name, tensor in self.items()}
        state |= {alias: state[name] for alias, name in self.manifest["aliases"].items()}
        return state | {"freqs_cis": torch.from_numpy(self.freqs_cis())}
