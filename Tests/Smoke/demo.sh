#!/bin/sh
# Checks the bundled checkpoint, converts it to int8 and fp16, verifies both, shows what came out.
set -eu
muninn=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT INT TERM
cd "$root"

show() {
  printf '\n$ muninn'
  printf ' %s' "$@"
  printf '\n'
  "$root/$muninn" "$@"
}

checkpoint=fixtures/checkpoints/huginn-tiny
show inspect $checkpoint
show validate $checkpoint
ln -s "$root/fixtures" "$out/fixtures"
cd "$out"
show convert $checkpoint tiny-int8.muninn
show convert $checkpoint tiny-fp16.muninn --weights f16
show verify tiny-int8.muninn --source $checkpoint
show verify tiny-fp16.muninn --source $checkpoint
show inspect tiny-int8.muninn
show generate tiny-int8.muninn --prompt "In the beginning " --steps 4 --max-tokens 64
