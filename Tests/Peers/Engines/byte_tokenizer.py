"""Writes a tokenizer for the bundled checkpoints, whose tokens are bytes: a server that takes text needs one.

usage: byte_tokenizer.py DIRECTORY
"""
import json
import pathlib
import sys

from tokenizers import Tokenizer, decoders, models, pre_tokenizers


def characters():
    """The character that stands for each byte in byte-level tokenizers: the byte's own where it prints,
    and for the others, in order, those from U+0100 on."""
    own = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = iter(range(0x100, 0x200))
    return [chr(byte if byte in own else next(others)) for byte in range(256)]


def write(directory):
    tokens = {character: byte for byte, character in enumerate(characters())}
    tokenizer = Tokenizer(models.BPE(tokens, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.save(str(directory / "tokenizer.json"))
    settings = {"tokenizer_class": "PreTrainedTokenizerFast"}
    (directory / "tokenizer_config.json").write_text(json.dumps(settings))


if __name__ == "__main__":
    write(pathlib.Path(sys.argv[1]))
