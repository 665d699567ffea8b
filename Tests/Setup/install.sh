#!/bin/sh
# Installs what the build or the tests need of the system; does nothing where it is there.
# usage: install.sh zlib | zstd | jsonschema | chromium | archivers | arm64
set -eu

has() {
  case $1 in
    zlib) printf '#include <zlib.h>\n' | clang -E - >/dev/null 2>&1 ;;
    zstd) printf '#include <zstd.h>\n' | clang -E - >/dev/null 2>&1 ;;
    jsonschema) /usr/bin/python3 -c 'import jsonschema' 2>/dev/null ;;
    chromium) command -v chromium >/dev/null 2>&1 ;;
    arm64) command -v qemu-aarch64 >/dev/null 2>&1 && command -v aarch64-linux-gnu-gcc >/dev/null 2>&1 ;;
    archivers) command -v zstd >/dev/null 2>&1 && command -v bsdtar >/dev/null 2>&1 && command -v 7zz >/dev/null 2>&1 ;;
  esac
}

has "$1" && exit 0

if command -v apt-get >/dev/null 2>&1; then
  case $1 in
    zlib) package=zlib1g-dev ;;
    zstd) package=libzstd-dev ;;
    jsonschema) package=python3-jsonschema ;;
    chromium) package=chromium ;;
    arm64) package="qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross" ;;
    archivers) package="zstd libarchive-tools 7zip" ;;
  esac
  as_root=
  [ "$(id -u)" = 0 ] || as_root=sudo
  $as_root apt-get update -q
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y $package
elif { [ "$1" = zlib ] || [ "$1" = zstd ]; } && command -v brew >/dev/null 2>&1; then
  brew install "$1"
elif [ "$1" = jsonschema ]; then
  /usr/bin/python3 -m pip install --user jsonschema
else
  echo "$1 is missing, and this script knows neither apt nor brew here" >&2
  exit 1
fi
