#!/usr/bin/env python3
"""Writes the types of ggml with their blocks, as ggml itself and as the gguf package have them.

usage: make_ggml_types.py GGML_H LIBRARY FILE

GGML_H is ggml's header, LIBRARY the shared library (libggml-base) built with it. Needs the Python package gguf
0.19.0.
"""
import ctypes
import importlib.metadata
import json
import os
import re
import sys

import gguf


def of_ggml(header, path):
    """Names from the header, whose comments name what was removed; sizes from the library, 0 of those."""
    library = ctypes.CDLL(path, mode=os.RTLD_LAZY)
    library.ggml_version.restype = ctypes.c_char_p
    library.ggml_blck_size.restype = ctypes.c_int64
    library.ggml_type_size.restype = ctypes.c_size_t
    enumeration = re.search(r"enum ggml_type \{(.*?)\};", header, re.S)[1]
    names = {int(code): name for name, code in re.findall(r"GGML_TYPE_(\w+)\s*=\s*(\d+)", enumeration)}
    count, name = max(names.items())
    assert name == "COUNT" and sorted(names) == list(range(count + 1))
    return {
        "version": library.ggml_version().decode(),
        "types": [[code, names[code], library.ggml_blck_size(code), library.ggml_type_size(code)] for code in range(count)]}


def of_package():
    return {
        "version": importlib.metadata.version("gguf"),
        "types": [[int(code), code.name, *gguf.GGML_QUANT_SIZES[code]] for code in gguf.GGMLQuantizationType],
        "values": [[int(code), code.name] for code in gguf.GGUFValueType],
        "file_types": [[int(code), code.name] for code in gguf.LlamaFileType]}


def main():
    header, library, target = sys.argv[1:]
    with open(header) as file:
        ggml = of_ggml(file.read(), library)
    content = {"ggml": ggml, "gguf": of_package()}
    lines = [f'"{name}": {{\n' + ",\n".join(
        f' "{key}": ' + (json.dumps(value) if key == "version" else "[\n  " + ",\n  ".join(map(json.dumps, value)) + "\n ]")
        for key, value in part.items()) + "\n}" for name, part in content.items()]
    with open(target, "w") as file:
        file.write("{" + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    main()
