#!/bin/sh
# All tests, the quick ones first; stops at the first kind that fails.
set -eu

echo "== The client's types and units"
npm run --silent check
npm run --silent test

echo "== The shared Python package"
.venv/bin/python -m pytest --quiet tests/python

echo "== The service: rules, actors, protocol, experiment modules"
cargo test --quiet

echo "== Real browsers"
cargo build --release --quiet --bin greenroom
node --test --test-concurrency=1 tests/browser/*.test.mjs

echo "== The documentation"
.venv/bin/python -m pytest --quiet tests/docs tests/export
