#!/bin/sh
# Installs the system libraries that the build needs; does nothing where they are there.
set -eu

has_header() {
  printf '#include <%s>\n' "$1" | cc -E - >/dev/null 2>&1 \
    || printf '#include <%s>\n' "$1" | clang -E - >/dev/null 2>&1
}

has_header zlib.h && exit 0

if command -v apt-get >/dev/null 2>&1; then
  as_root=
  [ "$(id -u)" = 0 ] || as_root=sudo
  $as_root apt-get update -q
  $as_root apt-get install -q -y zlib1g-dev
elif command -v brew >/dev/null 2>&1; then
  brew install zlib
else
  echo "zlib's header is missing: install zlib (Debian: zlib1g-dev)" >&2
  exit 1
fi
