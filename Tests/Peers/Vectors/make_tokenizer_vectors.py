#!/usr/bin/env python3
"""Writes what the tokenizers package makes of texts by variants of a tokenizer.json.

usage: make_tokenizer_vectors.py TOKENIZER OUTPUT [--random VARIANTS] [--texts COUNT] [--seed N]

A variant is the members that differ from TOKENIZER, those of `model` one by one. Some are what
transformers saves, others are written here, and random ones have added tokens that overlap, take
white space or stand alone. Needs the Python packages tokenizers 0.23.3 and transformers 5.24.0.
"""

import argparse
import copy
import json
import random
import sys
import tempfile
from pathlib import Path

import tokenizers
import transformers
from tokenizers import AddedToken, Tokenizer, processors

BEGIN, END = "<|begin_text|>", "<|end_text|>"
TEXTS = [
    "", "Hello world", "In the beginning", "a<|begin_text|> the b<|end_turn|>",
    "  foo  bar <think>x</think>\n\n", "foobar foo_bar the\tbar\t 1", "It\u2019s <|x|> 12th  <|y|> z",
    "<think>\u65e5\u672c caf\u00e9 cafe\u0301 \u212b \u00c5 A\u030a\U0001F642"]


def added(content, **flags):
    return dict(id=0, content=content, single_word=False, lstrip=False, rstrip=False,
                normalized=False, special=False) | flags


def applied(base, changes):
    document = copy.deepcopy(base)
    for key, value in changes.items():
        if key == "model":
            document["model"].update(value)
        else:
            document[key] = value
    return document


def differences(base, document):
    changes = {key: value for key, value in document.items()
               if key != "model" and value != base[key]}
    model = {key: value for key, value in document["model"].items() if value != base["model"][key]}
    changes |= {"model": model} if model else {}
    assert applied(base, changes) == document
    return changes


def cases(document, texts):
    """What the package says of each text; a text on which it panics is left out."""
    tokenizer = Tokenizer.from_str(json.dumps(document))
    # Settings of a call, which the file happens to carry.
    tokenizer.no_truncation()
    tokenizer.no_padding()
    found = []
    for text in texts:
        try:
            tokenizer.encode_special_tokens = True
            plain = tokenizer.encode(text, add_special_tokens=False).ids
            tokenizer.encode_special_tokens = False
            bare = tokenizer.encode(text, add_special_tokens=False).ids
        except BaseException as error:
            if type(error).__name__ != "PanicException":
                raise
            continue
        found.append(dict(
            text=text, ids=tokenizer.encode(text).ids, bare=bare, plain=plain,
            written=tokenizer.decode(bare, skip_special_tokens=False),
            decoded=tokenizer.decode(bare)))
    return found


# --- What transformers saves


def saved_by_transformers(source, change, **settings):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "tokenizer.json").write_bytes(source.read_bytes())
        Path(folder, "tokenizer_config.json").write_text(json.dumps(dict(
            tokenizer_class="PreTrainedTokenizerFast", bos_token=BEGIN, eos_token=END,
            pad_token="<|pad|>")))
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **settings)
        change(tokenizer)
        saved = Path(folder, "saved")
        tokenizer.save_pretrained(saved)
        return json.loads(Path(saved, "tokenizer.json").read_text())


def pad(tokenizer):
    tokenizer(["a", "b c d"], padding=True, truncation=True, max_length=4)


def extend(tokenizer):
    pad(tokenizer)
    tokenizer.add_tokens(["foo", "<think>", "</think>", "the"])
    tokenizer.add_tokens([AddedToken("bar", single_word=True, lstrip=True, normalized=False)])
    tokenizer.add_special_tokens({"extra_special_tokens": [
        "<|x|>", AddedToken("<|y|>", lstrip=True, rstrip=True, special=True)]})


# --- What the tokenizers package saves


def saved_by_tokenizers(source, change):
    tokenizer = Tokenizer.from_file(str(source))
    change(tokenizer)
    return json.loads(tokenizer.to_str())


def restrict(tokenizer):
    tokenizer.enable_truncation(3, stride=1)
    tokenizer.enable_padding(length=8, pad_id=2021, pad_token="<|pad|>")
    tokenizer.add_tokens(["foo", AddedToken("<think>", rstrip=True)])
    tokenizer.add_special_tokens(["<|x|>", AddedToken("bar", single_word=True)])


def sequence(tokenizer):
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=False),
        processors.TemplateProcessing(
            single=f"{BEGIN} $A {END}", pair=f"{BEGIN} $A {BEGIN}:1 $B:1",
            special_tokens=[(BEGIN, 2016), (END, 2017)])])


def bytes_alone(tokenizer):
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=True)


# --- What is written by hand


def written_by_hand(base):
    def tokens(*more):
        return dict(added_tokens=base["added_tokens"] + list(more))

    template = dict(
        type="TemplateProcessing",
        single=[{"SpecialToken": {"id": "start", "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}}],
        pair=[{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        special_tokens={"start": dict(
            id="start", ids=[2016, 1324], tokens=[BEGIN, "the"])})
    byte_level = dict(type="ByteLevel", add_prefix_space=True, trim_offsets=True, use_regex=True)
    return {
        "no post-processor": dict(post_processor=None),
        "a template of a name with two tokens": dict(post_processor=template),
        "a decoder in a sequence": dict(decoder=dict(type="Sequence", decoders=[byte_level])),
        "merges ignored for whole pieces": dict(model=dict(ignore_merges=True)),
        "settings of the model that change nothing": dict(model=dict(
            dropout=0.0, unk_token="<unk>", fuse_unk=True, byte_fallback=True,
            continuing_subword_prefix=None, end_of_word_suffix=None)),
        "ids with gaps, which the package closes": tokens(
            added("foo", id=2050), added("the", id=7), added("<think>", id=3000, special=True)),
        "a token given twice": tokens(
            added("foo", id=2048, special=True), added("bar", id=2049),
            added("foo", id=2048, rstrip=True), added("bar", id=2049, special=True)),
        "tokens that Unicode takes for equal": tokens(
            added("cafe\u0301", id=2048), added("\u212b", id=2049), added("A\u030a", id=2050),
            added("\u00c5", id=197)),
        "tokens that overlap, normalized and not": tokens(
            added("foob", id=2048, normalized=True), added("obar", id=2049),
            added("o b", id=2050, normalized=True), added("<think", id=2051, special=True),
            added("<think>x", id=2052, normalized=True)),
        "no added tokens": dict(added_tokens=[]),
    }


# --- Random


ATOMS = ["a", "b", "\u044f", "\u65e5", "_", " ", " ", "\t", "\u3000", "\n", "<", "1", "\u200d"]


def some(stream, low, high, parts):
    return "".join(stream.choice(parts) for _ in range(stream.randint(low, high)))


def random_variant(base, stream, texts):
    contents = sorted({some(stream, 1, 4, ATOMS) for _ in range(stream.randint(2, 6))})
    stream.shuffle(contents)

    def chance(share):
        return stream.random() < share

    tokens = [added(
        content, single_word=chance(0.3), lstrip=chance(0.3), rstrip=chance(0.3),
        normalized=chance(0.4), special=chance(0.4)) for content in contents]
    document = applied(base, dict(added_tokens=base["added_tokens"][:2] + tokens))
    # With the ids that the package gives, in its order.
    saved = json.loads(Tokenizer.from_str(json.dumps(document)).to_str())
    changes = dict(added_tokens=saved["added_tokens"])
    return changes, [some(stream, 0, 10, ATOMS + contents * 4) for _ in range(texts)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--random", type=int, default=40)
    parser.add_argument("--texts", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    source = options.tokenizer
    base = json.loads(source.read_text())

    assert saved_by_transformers(source, lambda _: None) == base
    assert saved_by_tokenizers(source, lambda _: None) == base
    strings = applied(base, dict(model=dict(merges=[" ".join(m) for m in base["model"]["merges"]])))
    assert cases(strings, TEXTS) == cases(base, TEXTS)

    saved = {
        "transformers, padded and truncated": saved_by_transformers(source, pad),
        "transformers, with tokens added": saved_by_transformers(source, extend),
        "transformers, with both ends": saved_by_transformers(
            source, lambda _: None, add_bos_token=True, add_eos_token=True),
        "transformers, with an end alone": saved_by_transformers(
            source, lambda _: None, add_eos_token=True),
        "tokenizers, restricted and with tokens added": saved_by_tokenizers(source, restrict),
        "tokenizers, a sequence of bytes and a template": saved_by_tokenizers(source, sequence),
        "tokenizers, bytes alone": saved_by_tokenizers(source, bytes_alone),
    }
    changes = {name: differences(base, document) for name, document in saved.items()}
    changes |= written_by_hand(base)
    variants = [(name, change, TEXTS) for name, change in changes.items()]
    stream = random.Random(options.seed)
    for number in range(options.random):
        variants.append((f"random {number}", *random_variant(base, stream, options.texts)))

    lines = []
    left_out = 0
    for name, change, texts in variants:
        found = cases(applied(base, change), texts)
        left_out += len(texts) - len(found)
        rows = ",\n".join("   " + json.dumps(case, separators=(",", ":")) for case in found)
        lines.append(f'  {{"name": {json.dumps(name)},\n   "changes": '
                     f'{json.dumps(change, separators=(",", ":"))},\n   "cases": [\n{rows}]}}')
    options.output.write_text(
        f'{{"tokenizers": "{tokenizers.__version__}", '
        f'"transformers": "{transformers.__version__}", "variants": [\n'
        + ",\n".join(lines) + "\n]}\n")
    print(f"{left_out} texts left out, on which the package panics", file=sys.stderr)


if __name__ == "__main__":
    main()
