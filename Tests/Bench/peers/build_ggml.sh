#!/bin/sh
# Builds ggml for this processor from what llama-cpp-python ships, into DIR/ggml.
# usage: build_ggml.sh DIR, where DIR/venv is a virtual environment
set -eu

pip=$1/venv/bin/pip
version=0.3.36
mkdir -p "$1/ggml/source"
$pip install --quiet cmake==4.4.5
$pip download --quiet --no-deps --no-binary llama-cpp-python -d "$1/ggml" "llama-cpp-python==$version"
tar xzf "$1/ggml/llama_cpp_python-$version.tar.gz" -C "$1/ggml/source" --strip-components=3 --exclude .git \
  "llama_cpp_python-$version/vendor/llama.cpp"
cmake=$1/venv/bin/cmake
$cmake -S "$1/ggml/source" -B "$1/ggml" -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=ON -DGGML_NATIVE=ON \
  -DGGML_OPENMP=OFF -DGGML_CCACHE=OFF -DLLAMA_BUILD_COMMON=OFF -DLLAMA_BUILD_TESTS=OFF \
  -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=OFF >/dev/null
$cmake --build "$1/ggml" --target ggml-cpu --parallel >/dev/null
