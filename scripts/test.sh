#!/bin/sh
# All tests, the quick ones first; stops at the first kind that fails.
set -eu

# For the browsers' tests. It takes long, and the tests before them leave a core to it.
cargo build --release --quiet --bin greenroom &
build=$!
trap 'kill "$build" 2>/dev/null || true' EXIT

echo "== The client's types and units"
npm run --silent check
npm run --silent test

echo "== The shared Python package"
.venv/bin/python -m pytest --quiet tests/python

wait "$build"
trap - EXIT

echo "== The service: rules, actors, protocol, experiment modules"
cargo test --quiet

echo "== Real browsers"
node --test --test-concurrency=1 tests/browser/*.test.mjs

echo "== The documentation"
.venv/bin/python -m pytest --quiet tests/docs tests/export
