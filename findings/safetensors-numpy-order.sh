#!/usr/bin/env bash
# safetensors 0.8.0: `safetensors.numpy.save_file` of a transposed, a stepped or a Fortran-ordered
# array writes the memory as it lies, under the array's shape. There is no error and no warning, the
# header is valid, and other values come back. 0.7.0 wrote the array's values.
#
# Prints, for each version, whether what is loaded equals what was saved; fails if that changes.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat > "$work/save.py" <<'PYTHON'
import sys

import numpy as np
import safetensors
from safetensors.numpy import load_file, save_file

base = np.arange(24, dtype=np.float32).reshape(4, 6)
arrays = {
    "contiguous": base,
    "transposed": base.T,
    "stepped": base[::2, ::3],
    "fortran": np.asfortranarray(base),
}
save_file(arrays, sys.argv[1])
loaded = load_file(sys.argv[1])
for name, array in arrays.items():
    same = array.shape == loaded[name].shape and bool((array == loaded[name]).all())
    print(f"safetensors {safetensors.__version__} {name}: {'equal' if same else 'other values'}")
PYTHON

for version in 0.7.0 0.8.0; do
  python3 -m venv "$work/$version"
  "$work/$version/bin/pip" install --quiet "safetensors==$version" numpy==2.4.6
  "$work/$version/bin/python" "$work/save.py" "$work/$version.safetensors"
done | tee "$work/output"

diff "$work/output" - <<'EXPECTED'
safetensors 0.7.0 contiguous: equal
safetensors 0.7.0 transposed: equal
safetensors 0.7.0 stepped: equal
safetensors 0.7.0 fortran: equal
safetensors 0.8.0 contiguous: equal
safetensors 0.8.0 transposed: other values
safetensors 0.8.0 stepped: other values
safetensors 0.8.0 fortran: other values
EXPECTED
