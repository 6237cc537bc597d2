# Greenroom. `make` alone lists what can be made.

EXPERIMENT ?= experiments/lantern.py
HOST       ?= 127.0.0.1
PORT       ?= 8000
DATA       ?= data
BASE_PATH  ?= /

# The Python that the service embeds. Debian's own is preferred, because its library and headers are packages too.
PYTHON ?= $(shell scripts/find-python.sh)

BINARY := target/release/greenroom

.DEFAULT_GOAL := help
.PHONY: help setup run check test test-all crash bench lint types docs clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\n  make run EXPERIMENT=experiments/mountain_car.py PORT=8000 DATA=data   for another study\n'

setup: .venv/.ready assets/vendor/.ready ## Prepare Python and the browser's parts (the other targets do it too)

run: setup ## Build, and serve EXPERIMENT
	@scripts/require.sh build
	cargo build --release --bin greenroom
	@exec $(BINARY) run "$(EXPERIMENT)" --host "$(HOST)" --port "$(PORT)" --data "$(DATA)" --base-path "$(BASE_PATH)"

check: setup ## Load EXPERIMENT without serving it, and print its problems
	@scripts/require.sh build
	cargo build --release --bin greenroom
	@$(BINARY) check "$(EXPERIMENT)"

test: setup .venv/.ready-for-tests node_modules/.ready ## Test everything (installs a browser if there is none)
	@scripts/require.sh test
	scripts/test.sh

test-all: test ## The same and the long matrices: thousands of cases, every drawing command, every network
	cargo build --release --bin greenroom
	PROPTEST_CASES=5000 cargo test --quiet --lib rules::
	npm run --silent smoke
	node --test --test-concurrency=1 tests/browser/*.long.mjs

lint: setup node_modules/.ready ## Formatting, lints, types of the client
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	npm run --silent check

types: setup ## Write the client's and the editors' types, and the reference of options, anew from the service's
	UPDATE_TYPES=1 cargo test --quiet --test types --test modules

crash: setup ## Kill the service KILLS times under load, and check that nothing is lost (SEED chooses the moments)
	@scripts/require.sh build
	KILLS=$(or $(KILLS),300) SEED=$(or $(SEED),1) cargo test --test crash rounds -- --nocapture

bench: setup ## Measure the service against bare floors
	cargo bench

docs: setup ## Build the documentation of the code
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --document-private-items

clean: ## Remove everything that was made, except data
	rm -rf target .venv node_modules assets/vendor test-output

.venv/.ready: requirements.txt scripts/venv.sh
	@scripts/require.sh build
	@scripts/venv.sh "$(PYTHON)" requirements.txt
	@touch $@

.venv/.ready-for-tests: .venv/.ready requirements-dev.txt
	@scripts/venv.sh "$(PYTHON)" requirements-dev.txt
	@touch $@

assets/vendor/.ready: scripts/vendor.py scripts/vendor.lock.json
	@scripts/require.sh build
	@"$(PYTHON)" scripts/vendor.py
	@touch $@

node_modules/.ready: package.json package-lock.json
	@scripts/require.sh build
	npm ci --no-audit --no-fund
	@touch $@
