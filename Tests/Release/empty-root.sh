#!/bin/sh
# Runs the static executable in a root directory that has nothing else but a checkpoint and the
# kernel's /proc, without which Swift's runtime does not start.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
jail=$(mktemp -d)
trap '$as_root umount "$jail/proc" 2>/dev/null || true; rm -rf "$jail"' EXIT INT TERM
cp "$1" "$jail/muninn"
cp -R "$root/fixtures/checkpoints/huginn-nano" "$jail/checkpoint"
mkdir "$jail/proc"
$as_root mount -t proc proc "$jail/proc"

if ldd "$jail/muninn" 2>/dev/null | grep -q '=>'; then
  echo "the executable still needs shared libraries" >&2
  exit 1
fi

$as_root chroot "$jail" /muninn convert /checkpoint /pack.muninn --quiet
$as_root chroot "$jail" /muninn verify /pack.muninn --source /checkpoint
echo "$(wc -c <"$1") bytes, runs without a system around it"
