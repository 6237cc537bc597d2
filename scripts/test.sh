#!/bin/sh
# All tests, the quick ones first; stops at the first kind that fails.
set -eu

# The program that the tests start. It is the one that the tests of cargo are built with: an optimised one would take
# longer to build than most of them to run.
export GREENROOM="$PWD/target/debug/greenroom"

# It takes long, and the tests before them leave a core to it.
cargo test --quiet --no-run &
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

# People who walk through whole studies mostly read and wait: two such walks fit beside each other. Where the network, the
# clock or a killed program is the subject, a test has the machine for itself.
echo "== Real browsers"
node --test --test-concurrency=2 tests/browser/*.walk.mjs
node --test --test-concurrency=1 tests/browser/*.test.mjs

echo "== The documentation"
.venv/bin/python -m pytest --quiet tests/docs tests/export
