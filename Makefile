# `make demo` and `make test` are all that a newcomer needs; `make help` lists the rest.

SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=
SOURCES = Package.swift Sources Tests
FUZZ_SECONDS ?= 600
BENCH_DIR ?= /tmp/muninn-bench
BENCH_SCALE ?= 1
BENCH_ROUNDS ?= 3
BENCH_PHASES ?= kernels,products,evaluation,bf16,disk,archive,inference,prefill,scaling,f32
BENCH_GGML ?= $(BENCH_DIR)/ggml/bin

# The Swift runtime is linked in, so that the command runs where no toolchain is.
BUILD = $(SWIFT) build -c release --static-swift-stdlib --product muninn
RELEASE = .build/release/muninn
STATIC = .build-static/release/muninn
CHECK_KERNELS = clang -std=c11 -Wall -Wextra -Werror -O2 -ISources/CMuninnKernels/include
MODEL = $(CHECK_KERNELS) -ISources/CMuninnKernels -c Tests/Stress/Kernels/modelled.c
MANUAL = .build/plugins/GenerateManual/outputs/muninn

bin = $(DESTDIR)$(PREFIX)/bin
share = $(DESTDIR)$(PREFIX)/share
bash_completions = $(share)/bash-completion/completions
zsh_completions = $(share)/zsh/site-functions
fish_completions = $(share)/fish/vendor_completions.d

.PHONY: help demo test build smoke neon example test-exhaustive test-sanitized test-differential test-faults \
  test-kernels test-arm64 test-readers test-archive test-raven test-gguf test-vllm test-engines test-hub test-browser test-signing fuzz bench \
  install uninstall release docs setup setup-tests format lint clean

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

demo: build ## set up, convert the bundled checkpoint, verify it, show what came out
	@Tests/Release/demo.sh $(RELEASE)

test: setup setup-tests lint ## everything: lint, build, tests, the example, and a smoke test
	$(SWIFT) build --build-tests --explicit-target-dependency-import-check error
	$(SWIFT) test --disable-xctest --skip-build
	$(MAKE) neon example smoke

build: setup ## build the command
	$(BUILD)

smoke: build ## run the release build on the bundled checkpoints and the malformed corpus, and on a sample of faults
	Tests/Release/smoke.sh $(RELEASE)
	[ "$$(uname)" != Linux ] || Tests/Stress/Faults/faults.py $(RELEASE) --sample 61 --kills 40 --races 1 \
	  --flips 40 --replacements 12

neon: ## check that the kernels compile for arm64
	for file in Sources/CMuninnKernels/*.c; do \
	  clang --target=aarch64-linux-gnu -ffreestanding -fsyntax-only -Wall -Wextra -Werror \
	    -ISources/CMuninnKernels/include $$file || exit 1; \
	done

test-kernels: ## compare the kernels of every level with their definitions, in C: run, or with instructions modelled
	mkdir -p .build-kernels
	$(MODEL) -DVNNI_256 -DKERNELS=modelled_avxvnni -o .build-kernels/avxvnni.o
	$(MODEL) -DVNNI -DWIDE_REGISTERS -DKERNELS=modelled_avx512vnni -o .build-kernels/avx512vnni.o
	$(MODEL) -DVNNI -DWIDE_REGISTERS -DAMX -DKERNELS=modelled_amx -o .build-kernels/amx.o
	$(CHECK_KERNELS) -DMODELLED Sources/CMuninnKernels/*.c Tests/Stress/Kernels/definitions.c \
	  .build-kernels/*.o -lm -o .build-kernels/definitions
	.build-kernels/definitions

test-arm64: ## the same for arm64, in an emulator of a processor with every level and of one with the first
	@Tests/Setup/install.sh arm64
	mkdir -p .build-kernels
	$(CHECK_KERNELS) --target=aarch64-linux-gnu -fuse-ld=lld -static Sources/CMuninnKernels/*.c \
	  Tests/Stress/Kernels/definitions.c -lm -o .build-kernels/definitions-arm64
	qemu-aarch64 -cpu max .build-kernels/definitions-arm64
	qemu-aarch64 -cpu cortex-a53 .build-kernels/definitions-arm64

example: setup ## build and run the package that depends on MuninnPack from outside
	$(SWIFT) run --package-path Tests/Release/ExamplePackage --scratch-path .build-example \
	  core-row fixtures/expected/huginn-nano-int8.muninn

test-exhaustive: setup ## flip every bit, cut at every length, and run the trained checkpoint whole
	MUNINN_EXHAUSTIVE=1 $(SWIFT) test -c release --scratch-path .build-exhaustive --disable-xctest \
	  --filter "Exhaustive|TrainedCheckpoint"

test-sanitized: setup setup-tests ## run the tests under the address and the thread sanitizer
	LSAN_OPTIONS=suppressions=$(CURDIR)/Tests/Stress/Sanitizers/leaks.txt \
	  $(SWIFT) test -c release --disable-xctest --sanitize address --scratch-path .build-address
	mkdir -p .build-thread
	clang -Wall -Wextra -Werror -O2 -shared -fPIC Tests/Stress/Sanitizers/mutex.c -o .build-thread/mutex.so
	TSAN_OPTIONS=atexit_sleep_ms=0 LD_PRELOAD=$(CURDIR)/.build-thread/mutex.so \
	  $(SWIFT) test -c release --disable-xctest --sanitize thread --scratch-path .build-thread

fuzz: setup ## feed the readers of untrusted files for FUZZ_SECONDS each, or FUZZ_TARGETS only
	MUNINN_FUZZ=1 $(SWIFT) build -c release --scratch-path .build-fuzz --product fuzz \
	  --sanitize fuzzer --sanitize address -Xswiftc -sanitize=fuzzer,address
	Tests/Stress/Fuzz/fuzz.sh .build-fuzz/release/fuzz $(FUZZ_SECONDS) $(FUZZ_TARGETS)

test-differential: build ## compare verdicts on 20,000 mutated files with the safetensors package's
	python3 -m venv .build-differential/venv
	.build-differential/venv/bin/pip install --quiet safetensors==0.8.0
	.build-differential/venv/bin/python Tests/Peers/Safetensors/safetensors_verdicts.py $(RELEASE) \
	  fixtures/safetensors

test-readers: build ## run the readers under formats/ on good and malformed packs
	python3 -m venv .build-readers/venv
	.build-readers/venv/bin/pip install --quiet numpy==2.4.6
	$(CC) -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror -g -O1 -fsanitize=address,undefined \
	  -fno-sanitize-recover=all formats/readers/multiply.c -o .build-readers/multiply -lm
	.build-readers/venv/bin/python Tests/Peers/Readers/readers.py $(RELEASE) .build-readers/multiply

test-archive: build ## read archives with zstd, tars, 7-Zip and Python packages, as formats/archive.md says
	@Tests/Setup/install.sh archivers
	python3 -m venv .build-archive/venv
	.build-archive/venv/bin/pip install --quiet zstandard==0.25.0 pyzstd==0.20.0 backports.zstd==1.8.0
	.build-archive/venv/bin/python Tests/Peers/Archive/readers.py $(RELEASE)

test-raven: build ## with RAVEN, a checkout of the authors' code: compare its logits with ours and the goldens
	@[ -n "$(RAVEN)" ] || { echo "RAVEN must name a checkout of github.com/seal-rg/recurrent-pretraining"; exit 1; }
	python3 -m venv .build-raven/venv
	.build-raven/venv/bin/pip install --quiet torch==2.15.0 transformers==4.51.3 safetensors==0.8.0 numpy==2.4.6
	.build-raven/venv/bin/python Tests/Peers/Engines/raven.py $(RELEASE) $(RAVEN)

test-gguf: build ## read every tensor of every GGUF export with the gguf package; with GGML, quantize with ggml too
	python3 -m venv .build-gguf/venv
	.build-gguf/venv/bin/pip install --quiet gguf==0.19.0 safetensors==0.8.0 torch==2.15.0 numpy==2.4.6
	.build-gguf/venv/bin/python Tests/Peers/GGUF/gguf_reads.py $(RELEASE) fixtures/checkpoints/huginn-nano \
	  fixtures/checkpoints/huginn-tiny $(if $(GGML),--ggml $(GGML))

test-vllm: build ## decompress exports with compressed-tensors, serve the bundled checkpoints with vLLM on this CPU
	python3 -m venv .build-vllm/venv
	.build-vllm/venv/bin/pip install --quiet ./formats/engines/vllm/cpu ./formats/engines/vllm pytest==9.2.0
	.build-vllm/venv/bin/pip uninstall --quiet --yes torchvision torchaudio torchcodec
	.build-vllm/venv/bin/python Tests/Peers/Engines/decompress.py $(RELEASE) fixtures/checkpoints/huginn-tiny
	$(RELEASE) convert fixtures/checkpoints/huginn-tiny .build-vllm/row.muninn --weights int8:row --force
	$(RELEASE) export .build-vllm/row.muninn .build-vllm/w8a8 --to compressed-tensors --scheme w8a8 --force
	MUNINN_W8A8=$(CURDIR)/.build-vllm/w8a8 .build-vllm/venv/bin/pytest -q -s -p no:cacheprovider \
	  Tests/Peers/Engines/test_vllm.py Tests/Peers/Engines/test_kernels.py

test-engines: ## with RAVEN: test-raven and test-vllm, each in an environment of its own, and a table of results
	rm -f .build/engines.tsv
	RESULTS=$(CURDIR)/.build/engines.tsv $(MAKE) test-raven
	RESULTS=$(CURDIR)/.build/engines.tsv $(MAKE) test-vllm
	@Tests/Peers/Engines/results.py .build/engines.tsv

test-hub: build ## take what today's libraries write: hub caches, saves, wrapped names, quantized models
	python3 -m venv .build-hub/venv
	.build-hub/venv/bin/pip install --quiet huggingface_hub==2.4.0 transformers==5.24.0 torch==2.15.0 \
	  safetensors==0.8.0 tokenizers==0.23.3 'mlx[cpu]==0.32.4' numpy==2.4.6 peft==0.21.2 accelerate==1.15.0 \
	  bitsandbytes==0.50.2 compressed-tensors==0.20.1 model-signing==1.1.1 pyOpenSSL==26.4.0
	.build-hub/venv/bin/python Tests/Peers/Engines/decompress.py $(RELEASE) fixtures/checkpoints/huginn-tiny
	.build-hub/venv/bin/python -W ignore Tests/Peers/Hub/hub.py $(RELEASE) --page Sources/muninn/muninn.docc/Compatibility.md

test-faults: build ## let every call on files fail in turn, kill conversions, race them, change what they read
	Tests/Stress/Faults/faults.py $(RELEASE)

test-browser: build ## look at the report in a browser, narrow and wide, light and dark
	@Tests/Setup/install.sh chromium
	python3 -m venv .build-browser/venv
	.build-browser/venv/bin/pip install --quiet playwright==1.65.2
	.build-browser/venv/bin/python Tests/Peers/Browser/report.py $(RELEASE) .build-browser/pictures

test-signing: build ## sign and verify against the model-signing package, both ways
	python3 -m venv .build-signing/venv
	.build-signing/venv/bin/pip install --quiet model-signing==1.1.1 pyOpenSSL==26.4.0
	Tests/Peers/Signing/model_signing.sh $(RELEASE) .build-signing/venv/bin/python

bench: build $(BENCH_GGML)/libggml-cpu.so | $(BENCH_DIR)/venv ## time it beside the machine's floor, public tools and BENCH_BASE, another built checkout
	$(SWIFT) build -c release --package-path Tests/Release/ExamplePackage --scratch-path .build-example
	$(BENCH_DIR)/venv/bin/pip install --quiet numpy==2.4.6 torch==2.15.0 safetensors==0.8.0 \
	  gguf==0.19.0 'mlx[cpu]==0.32.4'
	$(BENCH_DIR)/venv/bin/python Tests/Bench/bench.py $(RELEASE) \
	  .build-example/release/open-and-touch --dir $(BENCH_DIR) --scale $(BENCH_SCALE) --rounds $(BENCH_ROUNDS) \
	  --phases $(BENCH_PHASES) --peers $(BENCH_DIR)/venv/bin/python --ggml $(BENCH_GGML) \
	  $(if $(BENCH_BASE),--base $(BENCH_BASE))

$(BENCH_DIR)/venv:
	python3 -m venv $@

$(BENCH_DIR)/ggml/bin/libggml-cpu.so: | $(BENCH_DIR)/venv
	Tests/Bench/peers/build_ggml.sh $(BENCH_DIR)

install: build ## install binary, completions and man pages under PREFIX
	$(SWIFT) package --allow-writing-to-package-directory generate-manual --multi-page
	install -d $(bin) $(share)/man/man1 $(bash_completions) $(zsh_completions) $(fish_completions)
	install -m 755 $(RELEASE) $(bin)/muninn
	install -m 644 $(MANUAL)/*.1 $(share)/man/man1
	$(RELEASE) --generate-completion-script bash > $(bash_completions)/muninn
	$(RELEASE) --generate-completion-script zsh > $(zsh_completions)/_muninn
	$(RELEASE) --generate-completion-script fish > $(fish_completions)/muninn.fish

uninstall: ## remove what install put there
	rm -f $(bin)/muninn $(share)/man/man1/muninn.1 $(share)/man/man1/muninn.*.1 \
	  $(bash_completions)/muninn $(zsh_completions)/_muninn $(fish_completions)/muninn.fish

release: setup ## build a static executable and try it in a root with nothing else in it
	$(BUILD) --scratch-path .build-static -Xswiftc -static-executable
	Tests/Release/empty-root.sh $(STATIC)

docs: setup ## check and build the documentation, into .build/docs
	mkdir -p .build/docs
	for target in muninn PackFormat; do \
	  $(SWIFT) package --allow-writing-to-directory .build/docs generate-documentation \
	    --target $$target --output-path .build/docs/$$target --transform-for-static-hosting \
	    --warnings-as-errors || exit 1; \
	done

setup: ## install the system libraries that a Debian machine or a Mac lacks
	@Tests/Setup/install.sh zlib
	@Tests/Setup/install.sh zstd

setup-tests: ## install what only the tests need
	@Tests/Setup/install.sh jsonschema

format: ## format the sources
	$(SWIFT) format --in-place --recursive --parallel $(SOURCES)

lint: ## check the format
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)

clean: ## remove what was built
	rm -rf .build .build-*
