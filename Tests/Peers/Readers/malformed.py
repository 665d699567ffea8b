"""Malformed packs, made from the pack under fixtures/expected, each with one fault and with what opening it must say.

`muninn verify` refuses all of them. Opening refuses those that `CASES` does not let through: a reader that opens does not
read payload, and the C reader leaves some rules to `muninn verify` (formats/readers.md). Verdicts are for Python, then C.
"""
import hashlib
import os
import re
import shutil
import struct
import zlib

CASES = {}


def case(name, python="refused", c="refused"):
    def register(make):
        CASES[name] = (make, python, c)
        return make
    return register


def in_file(pack, name, change):
    path = os.path.join(pack, name)
    with open(path, "rb") as file:
        data = bytearray(file.read())
    with open(path, "wb") as file:
        file.write(change(data) or data)


def digested(text):
    """The text with the digest that it should have, so that only what was meant is wrong."""
    member = re.search(rb'"digest":"([^"]*)",', text)
    digest = hashlib.sha256(text[:member.start()] + text[member.end():]).hexdigest().encode()
    return text[:member.start(1)] + digest + text[member.end(1):]


def manifest(name, old, new, python="refused", c="refused", count=1, digest=True):
    """A case in which the manifest's text has `new` in the place of the first `count` occurrences of `old`."""
    def make(pack):
        def change(data):
            assert old in data, (name, old)
            text = bytes(data).replace(old, new, count)
            return digested(text) if digest else text
        in_file(pack, "manifest.json", change)
    CASES[name] = (make, python, c)


def header(name, offset, new, crc=True):
    def make(pack):
        def change(data):
            data[offset:offset + len(new)] = new
            if crc:
                data[72:76] = struct.pack("<I", zlib.crc32(data[:72]))
        in_file(pack, "core.seg", change)
    CASES[name] = (make, "refused", "refused")


# Files
for name in ("manifest.json", "embedding.seg", "prelude.seg", "core.seg", "coda.seg"):
    case(f"missing-{name}")(lambda pack, name=name: os.remove(os.path.join(pack, name)))
    case(f"empty-{name}")(lambda pack, name=name: open(os.path.join(pack, name), "wb").close())
    case(f"cut-{name}")(lambda pack, name=name: in_file(pack, name, lambda data: data[:-1]))
    case(f"longer-{name}")(lambda pack, name=name: in_file(pack, name, lambda data: data + b"\0"))

for name in ("manifest.json", "core.seg"):
    def replaced(pack, name, make):
        path = os.path.join(pack, name)
        os.remove(path)
        make(path)

    case(f"directory-{name}")(lambda pack, name=name: replaced(pack, name, os.mkdir))
    case(f"fifo-{name}")(lambda pack, name=name: replaced(pack, name, os.mkfifo))
    case(f"device-{name}")(lambda pack, name=name: replaced(pack, name, lambda path: os.symlink("/dev/zero", path)))
    case(f"dangling-{name}")(lambda pack, name=name: replaced(pack, name, lambda path: os.symlink("nothing", path)))
    case(f"loop-{name}")(lambda pack, name=name: replaced(pack, name, lambda path: os.symlink(name, path)))


@case("manifest-over-limit")
def over_limit(pack):
    os.truncate(os.path.join(pack, "manifest.json"), (16 << 20) + 1)


@case("segments-swapped")
def swapped(pack):
    core, coda, aside = (os.path.join(pack, name) for name in ("core.seg", "coda.seg", "aside"))
    os.rename(core, aside)
    os.rename(coda, core)
    os.rename(aside, coda)


@case("segment-huge-and-sparse")
def huge(pack):
    os.truncate(os.path.join(pack, "core.seg"), 1 << 40)


@case("unexpected-file", "opened", "opened")
def unexpected(pack):
    open(os.path.join(pack, "more.seg"), "wb").close()


@case("missing-sidecar", "opened", "opened")
def missing_sidecar(pack):
    os.remove(os.path.join(pack, "config.json"))


# Payload, which opening does not read
@case("payload-bit", "opened", "opened")
def payload(pack):
    in_file(pack, "core.seg", lambda data: data.__setitem__(20000, data[20000] ^ 1))


@case("padding-bit", "opened", "opened")
def padding(pack):
    in_file(pack, "core.seg", lambda data: data.__setitem__(5000, 1))


# Header pages
header("header-magic", 0, b"\x88")
header("header-text-mode", 6, b"\n\n")
header("header-version", 8, b"\2")
header("header-length", 12, struct.pack("<I", 8192))
header("header-name", 16, b"coda")
header("header-name-unpadded", 20, b"x")
header("header-file-length", 32, struct.pack("<Q", 442368 + 16384))
header("header-file-length-huge", 32, b"\xff" * 8)
header("header-identity", 40, b"\0")
header("header-crc", 72, b"\0\0\0\0", crc=False)
header("header-field-without-crc", 40, b"\0", crc=False)
header("header-reserved", 76, b"\1")
header("header-last-byte", 4095, b"\1")

# JSON
manifest("json-nothing", b"{", b"", digest=False)
manifest("json-byte-order-mark", b'{"aliases"', b'\xef\xbb\xbf{"aliases"')
manifest("json-space", b'{"aliases":', b'{"aliases": ')
manifest("json-newline-at-the-end", b'"version":1}', b'"version":1}\n')
manifest("json-more-after-it", b'"version":1}', b'"version":1}{}')
manifest("json-nul-at-the-end", b'"version":1}', b'"version":1}\0')
manifest("json-keys-out-of-order", b'"name":"muninn","version":', b'"version":', digest=False)
manifest("json-duplicate-key", b'"bias":false', b'"bias":false,"bias":false')
manifest("json-duplicate-key-at-the-top", b'"version":1}', b'"version":1,"version":1}')
manifest("json-duplicate-key-escaped", b'"bias":false', b'"bias":false,"b\\u0069as":false')
manifest("json-escape-that-is-not-needed", b'"muninn-pack"', b'"muninn\\u002dpack"')
manifest("json-trailing-comma", b'"version":1}', b'"version":1,}')
manifest("json-number-as-text", b'"version":1}', b'"version":"1"}')
manifest("json-number-with-point", b'"block_size":128', b'"block_size":128.0')
manifest("json-number-with-zero", b'"block_size":128', b'"block_size":0128')
manifest("json-number-in-other-notation", b'"norm_eps":0.000001', b'"norm_eps":1e-6', c="opened")
manifest("json-number-too-precise", b'"max_abs":0.0007507633417844772', b'"max_abs":0.00075076334178447720', c="opened")
manifest("json-number-infinite", b'"max_abs":0.0007507633417844772', b'"max_abs":1e999')
manifest("json-number-nan", b'"max_abs":0.0007507633417844772', b'"max_abs":NaN')
manifest("json-number-negative", b'"max_abs":0.0007507633417844772', b'"max_abs":-0.0007507633417844772')
manifest("json-number-of-many-digits", b'"block_size":128', b'"block_size":' + b"9" * 100_000)
manifest("json-float-of-many-digits", b'"rope_base":50000,"state', b'"rope_base":5' + b"0" * 400 + b',"state')
manifest("json-not-utf8", b'"tool":{"name":"muninn', b'"tool":{"name":"\xff', c="opened")
manifest("json-surrogate", b'"tool":{"name":"muninn', b'"tool":{"name":"\\ud800', c="opened")
manifest("json-control-character", b'"tool":{"name":"muninn', b'"tool":{"name":"\x01')
manifest("json-null-member", b'"bias":false', b'"bias":null')
manifest("json-list-for-object", b'"tool":{', b'"tool":[{')
manifest("json-deep", b'"format":', b'"extensions":' + b'{"a":' * 64 + b"{}" + b"}" * 64 + b',"format":')
manifest("json-very-deep", b'"format":', b'"extensions":' + b'{"a":' * 100_000 + b"{}" + b"}" * 100_000 + b',"format":')
manifest("json-open-brackets", b'"format":', b'"extensions":{"a":' + b"[" * 1_000_000)
manifest("extensions-duplicate-key", b'"format":', b'"extensions":{"a":1,"a":1},"format":', c="opened")
manifest("extensions-out-of-order", b'"format":', b'"extensions":{"b":1,"a":1},"format":', c="opened")
manifest("extensions-a-list", b'"format":', b'"extensions":[],"format":')
manifest("extensions-equivalent-keys", b'"format":', '"extensions":{"e\u0301":1,"\u00e9":1},"format":'.encode(), "opened", "opened")
manifest("extensions-many-combining-characters", b'"format":',
         ('"extensions":{"a":"e' + 31 * "\u0301" + '"},"format":').encode(), "opened", "opened")
manifest("extensions-many-values", b'"format":', b'"extensions":{"a":[' + b"0," * 1_000_000 + b'0]},"format":', "opened", "opened")
manifest("extensions-not-json", b'"format":', b'"extensions":{a},"format":', c="opened")

# Members
manifest("format-another", b'"muninn-pack"', b'"muninn-peck"')
manifest("version-another", b'"version":1}', b'"version":2}')
manifest("version-huge", b'"version":1}', b'"version":18446744073709551617}')
manifest("digest-wrong", b'"digest":"4', b'"digest":"5', c="opened", digest=False)
manifest("digest-upper-case", b'"identity":"f46a', b'"identity":"F46A')
manifest("digest-short", b'"identity":"f4', b'"identity":"')
manifest("digest-no-digits", b'"identity":"f4', b'"identity":"xy')
manifest("identity-another", b'"identity":"f4', b'"identity":"f5')
manifest("unknown-key-at-the-top", b'"version":1}', b'"version":1,"zeal":1}')
manifest("unknown-key-in-model", b'"vocab_size":256}', b'"vocab_size":256,"x":1}')
manifest("unknown-key-in-tensor", b'"source_dtype":"F32"}', b'"source_dtype":"F32","x":1}')
manifest("unknown-key-in-plane", b'"shape":[256,96]}', b'"shape":[256,96],"x":1}')
manifest("unknown-key-in-tool", b'"tool":{', b'"tool":{"a":1,')
manifest("missing-key-in-model", b'"bias":false,', b"")
manifest("missing-key-in-tensor", b',"source_dtype":"F32"}', b"}")
manifest("model-width-zero", b'"n_embd":96', b'"n_embd":0')
manifest("model-width-huge", b'"n_embd":96', b'"n_embd":9007199254740992')
manifest("model-width-beyond-64-bits", b'"n_embd":96', b'"n_embd":18446744073709551712')
manifest("model-width-negative", b'"n_embd":96', b'"n_embd":-96')
manifest("model-heads-at-odds", b'"n_heads":3', b'"n_heads":2')
manifest("model-key-value-heads", b'"num_key_value_heads":3', b'"num_key_value_heads":1')
manifest("model-layers-4096", b'"n_layers_in_recurrent_block":4', b'"n_layers_in_recurrent_block":4096')
manifest("model-layers-many", b'"n_layers_in_recurrent_block":4', b'"n_layers_in_recurrent_block":4294967300')
manifest("model-layers-fewer", b'"n_layers_in_recurrent_block":4', b'"n_layers_in_recurrent_block":3')
manifest("model-intermediate-huge", b'"intermediate_size":160', b'"intermediate_size":16777216')
manifest("model-vocabulary-beyond-rows", b'"vocab_size":256}', b'"vocab_size":257}')
manifest("model-scale-wrong", b'"embedding_scale":9.797958971132712', b'"embedding_scale":9.797958971132713')
manifest("model-untied", b'"tie_embeddings":true', b'"tie_embeddings":false')
manifest("model-without-qk-bias", b'"qk_bias":true', b'"qk_bias":false')
manifest("model-flag-as-number", b'"bias":false', b'"bias":0')
manifest("model-rope-base-at-odds", b'"rope_base":50000,"shape"', b'"rope_base":10000,"shape"')
manifest("model-epsilon-zero", b'"norm_eps":0.000001', b'"norm_eps":0')
manifest("aliases-without-tying-named", b'{"lm_head.weight":"transformer.wte.weight"}', b"{}")
manifest("aliases-another", b'"lm_head.weight":"transformer.wte.weight"', b'"lm_head.weight":"transformer.ln_f.weight"')
manifest("derived-shape", b'"shape":[1,128,1,16,2]', b'"shape":[1,128,1,16,1]')
manifest("derived-stored-i8", b'"stored":"F32"', b'"stored":"I8"')
manifest("recipe-unknown-encoding", b'"weights":"int8:32"', b'"weights":"int3"', c="opened")
manifest("recipe-not-normalised", b'"weights":"int8:32"', b'"weights":"int8"', c="opened")
manifest("recipe-another", b'"weights":"int8:32"', b'"weights":"int8:row"', c="opened")
manifest("recipe-no-such-stage", b'"recipe":{', b'"recipe":{"stages":{"head":"f16"},')
manifest("recipe-stages-empty", b'"recipe":{', b'"recipe":{"stages":{},')
manifest("recipe-stage-same", b'"recipe":{', b'"recipe":{"stages":{"core":"int8:32"},', c="opened")
manifest("recipe-tensors-empty", b'"recipe":{', b'"recipe":{"tensors":[],')
manifest("recipe-pattern-matches-nothing", b'"recipe":{', b'"recipe":{"tensors":[{"encoding":"f16","pattern":"no"}],', c="opened")
manifest("recipe-pattern-matches-vectors", b'"recipe":{',
         b'"recipe":{"tensors":[{"encoding":"int8:32","pattern":"*.norm_1.*"}],', c="opened")
manifest("recipe-pattern-of-alias", b'"recipe":{',
         b'"recipe":{"tensors":[{"encoding":"int8:32","pattern":"lm_head.*"}],', c="opened")
manifest("recipe-pattern-bracket", b'"recipe":{',
         b'"recipe":{"tensors":[{"encoding":"int8:32","pattern":"*[w]*"}],', c="opened")
manifest("recipe-pattern-long", b'"recipe":{',
         b'"recipe":{"tensors":[{"encoding":"int8:32","pattern":"' + b"*" * 257 + b'"}],', c="opened")
manifest("recipe-pattern-of-many-stars", b'"recipe":{',
         b'"recipe":{"tensors":[{"encoding":"int8:32","pattern":"' + b"*a" * 128 + b'"}],', c="opened")
manifest("recipe-257-overrides", b'"recipe":{', b'"recipe":{"tensors":['
         + b",".join([b'{"encoding":"int8:32","pattern":"*"}'] * 257) + b"],", c="opened")
manifest("segment-bytes", b'"bytes":49152', b'"bytes":65536')
manifest("segment-bytes-huge", b'"bytes":442368', b'"bytes":9223372036854775807')
manifest("segment-file-elsewhere", b'"file":"core.seg"', b'"file":"../core.seg"')
manifest("segment-order", b'"name":"embedding"}', b'"name":"prelude"}')
manifest("tensor-name", b'"name":"transformer.wte.weight"', b'"name":"transformer.wte.weighs"')
manifest("tensor-layer", b'"layer":0', b'"layer":1')
manifest("tensor-layer-absent", b'"layer":null,', b"")
manifest("tensor-shape", b'"shape":[256,96],"source', b'"shape":[96,256],"source')
manifest("tensor-shape-huge", b'"shape":[256,96],"source', b'"shape":[4294967296,4294967296],"source')
manifest("tensor-segment", b'"segment":"embedding"', b'"segment":"core"')
manifest("tensor-digest", b'"sha256":"97205f', b'"sha256":"97205e', "opened", "opened")
manifest("tensor-source-dtype", b'"source_dtype":"F32"', b'"source_dtype":"F64"')
manifest("tensor-scheme-unknown", b'"scheme":"int8"', b'"scheme":"int3"')
manifest("tensor-encoding-another", b'"group_size":32', b'"group_size":96')
manifest("tensor-group-that-does-not-divide", b'"group_size":32', b'"group_size":64')
manifest("tensor-group-zero", b'"group_size":32', b'"group_size":0')
manifest("tensor-vector-quantized", b'"encoding":{"scheme":"f32"}', b'"encoding":{"granularity":"row","scheme":"int8"}')
manifest("tensor-error-false", b'"error":null', b'"error":false')
manifest("tensor-error-zero", b'"error":null', b'"error":{"max_abs":0,"sum_sq_error":0,"sum_sq_source":0}', c="opened")
manifest("plane-offset-overlap", b'"offset":40960', b'"offset":16384')
manifest("plane-offset-unaligned", b'"offset":40960', b'"offset":40961')
manifest("plane-offset-beyond-the-file", b'"offset":40960', b'"offset":4096000')
manifest("plane-offset-huge", b'"offset":40960', b'"offset":18446744073709551552')
manifest("plane-offset-negative", b'"offset":40960', b'"offset":-64')
manifest("plane-bytes", b'"bytes":24576', b'"bytes":24575')
manifest("plane-bytes-huge", b'"bytes":24576', b'"bytes":18446744073709551615')
manifest("plane-dtype", b'"dtype":"F16"', b'"dtype":"F32"')
manifest("plane-role", b'"role":"codes"', b'"role":"values"')
manifest("tool-version-number", b'"tool":{"name":"muninn","version":"', b'"tool":{"name":1,"version":"')
manifest("source-name-path", b'"name":"model.safetensors"', b'"name":"../model.safetensors"', c="opened")
manifest("source-bytes-negative", b'"bytes":2869264', b'"bytes":-1')
manifest("source-bytes-beyond-binary64", b'"bytes":2869264', b'"bytes":9007199254740994')
manifest("source-twice", b'"source":{"files":[{', b'"source":{"files":[{"bytes":2869264,"name":"model.safetensors","sha256":"'
         + b"0" * 64 + b'"},{', c="opened")
manifest("sidecar-name", b'"file":"config.json"', b'"file":"passwd.json"', c="opened")
manifest("sidecar-path", b'"file":"config.json"', b'"file":"../config.json"', c="opened")
manifest("sidecar-bytes", b'"bytes":1417', b'"bytes":1418', "opened", "opened")


@case("tensors-out-of-order")
def out_of_order(pack):
    def change(data):
        start = data.index(b'"tensors":[') + 11
        end = data.index(b'],"tool"')
        entries = re.split(rb',(?=\{"encoding")', bytes(data[start:end]))
        entries[1], entries[2] = entries[2], entries[1]
        return digested(bytes(data[:start]) + b",".join(entries) + bytes(data[end:]))
    in_file(pack, "manifest.json", change)


@case("source-none")
def no_source(pack):
    in_file(pack, "manifest.json", lambda data: digested(re.sub(rb'"source":\{"files":\[[^]]*\]', b'"source":{"files":[]', bytes(data))))


@case("tensors-none")
def none(pack):
    in_file(pack, "manifest.json", lambda data: digested(re.sub(rb'"tensors":\[.*\],"tool"', b'"tensors":[],"tool"', bytes(data))))


@case("tensors-one-missing")
def one_missing(pack):
    def change(data):
        end = data.index(b'],"tool"')
        return digested(bytes(data[:data.rindex(b',{"encoding"', 0, end)]) + bytes(data[end:]))
    in_file(pack, "manifest.json", change)


def make(name, source, target):
    """A copy of the pack `source` with this fault, and the two verdicts on opening it."""
    shutil.copytree(source, target)
    change, python, c = CASES[name]
    change(target)
    return python, c
