#!/bin/sh
# Runs the release build as a user does: convert, verify, compare with the source, twice; every file
# of the malformed corpus; sign; archive and restore, with stock tools too where they are; and what a
# flipped byte gives.
set -eu
muninn=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
root=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT INT TERM

fail() {
  echo "smoke: $1" >&2
  exit 1
}

# Runs a command and checks its exit code.
expect() {
  wanted=$1
  shift
  status=0
  "$muninn" "$@" >"$out/stdout" 2>"$out/stderr" || status=$?
  [ "$status" = "$wanted" ] || fail "exit code $status, expected $wanted: muninn $*"
}

for name in huginn-nano huginn-tiny; do
  checkpoint=$root/fixtures/checkpoints/$name
  expect 0 validate "$checkpoint"
  for weights in int8 f16; do
    pack=$out/$name-$weights
    expect 0 convert "$checkpoint" "$pack.muninn" --weights $weights
    expect 0 convert "$checkpoint" "$pack-again.muninn" --weights $weights -j 1
    expect 0 verify "$pack.muninn" --source "$checkpoint"
    for file in "$pack.muninn"/*; do
      cmp "$file" "$pack-again.muninn/$(basename "$file")"
    done
  done
done

count=0
while read -r verdict file; do
  count=$((count + 1))
  case $verdict in
    accept) expect 0 inspect "$root/fixtures/safetensors/$file" ;;
    reject) expect 1 inspect "$root/fixtures/safetensors/$file" ;;
  esac
done <<LIST
$(tr -d '\n' <"$root/fixtures/safetensors/verdicts.json" | tr '}' '\n' \
  | sed -n 's/.*"file": *"\([^"]*\)".*"muninn": *"\(accept\|reject\)".*/\2 \1/p')
LIST
[ "$count" = 97 ] || fail "$count verdicts, expected 97"

signed=$out/huginn-nano-int8.muninn
expect 0 sign "$signed" --key "$root/fixtures/signing/key.pem"
expect 0 verify "$signed" --key "$root/fixtures/signing/public.pem"
expect 2 verify "$signed" --key "$root/fixtures/signing/other-public.pem"
(cd "$signed" && sha256sum -c SHA256SUMS >/dev/null) || fail "sha256sum refuses SHA256SUMS"

for name in huginn-nano-int8 huginn-tiny-f16; do
  pack=$out/$name.muninn
  for split in "" --split; do
    archive=$out/$name$split.tar.zst
    expect 0 archive "$pack" -o "$archive" $split
    expect 0 archive "$pack" -o "$archive.again" $split -j 1
    cmp "$archive" "$archive.again"
    expect 0 unarchive "$archive" "$out/restored"
    diff -r "$pack" "$out/restored" || fail "$archive restores something else"
    expect 0 unarchive "$archive" "$out/core.seg" --only core
    cmp "$pack/core.seg" "$out/core.seg"
    if command -v zstd >/dev/null 2>&1; then
      mkdir "$out/stock"
      zstd -q -d <"$archive" | tar x -C "$out/stock"
      if [ -z "$split" ]; then
        diff -r "$pack" "$out/stock/$name.muninn" || fail "stock tools restore something else"
      else
        [ ! -e "$out/stock/$name.muninn/core.seg" ] || fail "stock tools restore a split segment"
      fi
    fi
    rm -rf "$out/restored" "$out/core.seg" "$out/stock"
  done
done
head -c 100000 "$out/huginn-nano-int8.tar.zst" >"$out/cut.tar.zst"
expect 1 unarchive "$out/cut.tar.zst" "$out/restored"
[ ! -e "$out/restored" ] || fail "a cut archive restores something"

printf '\377' | dd of="$out/huginn-tiny-int8.muninn/core.seg" bs=1 seek=20000 conv=notrunc 2>/dev/null
expect 2 verify "$out/huginn-tiny-int8.muninn"
grep -q "transformer.adapter.weight" "$out/stdout" || fail "the damaged tensor is not named"

echo "smoke: the release build converts, verifies and refuses as it should"
