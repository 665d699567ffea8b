#!/bin/sh
# Checks the bundled checkpoint, converts it, verifies what came out, runs it, and measures and
# draws what quantization did to it. Leaves a report and pictures to open.
set -eu
muninn=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
kept=$root/.build/demo
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT INT TERM
cd "$root"

show() {
  printf '\n$ muninn'
  for argument; do
    case $argument in
      *[\ \?]*) printf " '%s'" "$argument" ;;
      *) printf ' %s' "$argument" ;;
    esac
  done
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

head -c 2048 $checkpoint/heldout.txt > heldout.txt
show eval tiny-int8.muninn --reference $checkpoint --text heldout.txt \
  --ablate stage --ablate-bytes 512 --exit kl --exit-bytes 512 --output damage.json
show trace tiny-int8.muninn --over $checkpoint --prompt 'd4 u5 id xu?i' --steps 32 \
  --output trajectories
show report tiny-int8.muninn --eval damage.json --trace trajectories/trace.json \
  --output report.html
rm -rf "$kept"
mkdir -p "$kept"
cp -R damage.json trajectories report.html "$kept"
printf '\nTo open: %s\n         %s\n' "$kept/report.html" "$kept/trajectories/token-012.png"
