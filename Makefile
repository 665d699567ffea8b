# `make demo` and `make test` are all that a newcomer needs; `make help` lists the rest.

SWIFT ?= swift
PREFIX ?= /usr/local
RELEASE = .build/release/muninn
SOURCES = Package.swift Sources Tests

.PHONY: help demo test build setup format lint smoke clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

demo: build ## set up, convert the bundled checkpoint, verify it, show what came out
	@Tests/Smoke/demo.sh $(RELEASE)

test: setup lint ## everything: lint, build, tests, and a smoke test of the release build
	$(SWIFT) build --build-tests --explicit-target-dependency-import-check error
	$(SWIFT) test --disable-xctest --skip-build
	$(MAKE) smoke

build: setup ## build the command
	$(SWIFT) build -c release --product muninn

smoke: build ## run the release build on the bundled checkpoints and the malformed corpus
	Tests/Smoke/smoke.sh $(RELEASE)

setup: ## install the system libraries that a Debian machine or a Mac lacks
	@Tests/Setup/install-libraries.sh

format: ## format the sources
	$(SWIFT) format --in-place --recursive --parallel $(SOURCES)

lint: ## check the format
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)

clean: ## remove what was built
	rm -rf .build .build-*
