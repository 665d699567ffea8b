#!/usr/bin/env bash
# tokenizers 0.23.3: `normalized` of an added token decides what a text becomes even where there is no
# normalizer. Tokens that are not normalized are cut out of the text in a pass of their own, before
# the others, so that of two overlapping tokens the left one loses to the right one.
#
# Encodes "abc" with the added tokens "ab" and "bc" under each pair of flags; fails if that changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet tokenizers==0.23.3

"$work/venv/bin/python" - <<'PYTHON' | tee "$work/output"
from tokenizers import AddedToken, Tokenizer, models

for left in (False, True):
    for right in (False, True):
        tokenizer = Tokenizer(models.BPE({"a": 0, "b": 1, "c": 2}, []))
        tokenizer.add_tokens([AddedToken("ab", normalized=left), AddedToken("bc", normalized=right)])
        print(f"ab normalized={left}, bc normalized={right}: {tokenizer.encode('abc').tokens}")
PYTHON

diff "$work/output" - <<'EXPECTED'
ab normalized=False, bc normalized=False: ['ab', 'c']
ab normalized=False, bc normalized=True: ['ab', 'c']
ab normalized=True, bc normalized=False: ['a', 'bc']
ab normalized=True, bc normalized=True: ['ab', 'c']
EXPECTED
