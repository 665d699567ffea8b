#!/usr/bin/env bash
# gguf 0.19.0, the Python package: its table of sizes gives a block of Q8_1 40 bytes. A block has 32
# codes of one byte and two binary16 numbers, 36 bytes, which is what ggml takes (`block_q8_1` in
# ggml-common.h). Offsets of a file with such a tensor, computed by the table, are wrong after it.
#
# Prints the table's row beside the sum of the parts; fails if the row changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet gguf==0.19.0

"$work/venv/bin/python" - <<'PYTHON' | tee "$work/output"
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

elements, size = GGML_QUANT_SIZES[GGMLQuantizationType.Q8_1]
print(f"gguf 0.19.0: Q8_1 has {elements} elements in {size} bytes; its parts are {elements + 2 + 2}")
PYTHON

diff "$work/output" - <<'EXPECTED'
gguf 0.19.0: Q8_1 has 32 elements in 40 bytes; its parts are 36
EXPECTED
