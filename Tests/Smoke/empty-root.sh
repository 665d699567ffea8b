#!/bin/sh
# Runs the static executable in a root directory that has nothing else but a checkpoint.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
jail=$(mktemp -d)
trap 'rm -rf "$jail"' EXIT INT TERM
cp "$1" "$jail/muninn"
cp -R "$root/fixtures/checkpoints/huginn-nano" "$jail/checkpoint"

if ldd "$jail/muninn" 2>/dev/null | grep -q '=>'; then
  echo "the executable still needs shared libraries" >&2
  exit 1
fi

as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
$as_root chroot "$jail" /muninn convert /checkpoint /pack.muninn --quiet
$as_root chroot "$jail" /muninn verify /pack.muninn --source /checkpoint
echo "$(wc -c <"$1") bytes, runs without a system around it"
