#!/bin/sh
# Names everything that is missing on this machine, with the command that installs it, before anything is half built.
#   scripts/require.sh build     what building and running need
#   scripts/require.sh test      the same, a browser and sqlite3, which are installed if apt-get can
set -u
packages=
others=

need() { # command, package
    command -v "$1" >/dev/null 2>&1 || packages="$packages $2"
}

need cc gcc
need make make

python=${PYTHON:-$("$(dirname "$0")/find-python.sh")}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    others="$others
  Python 3.11 or newer (found: $("$python" --version 2>&1 || echo none)): apt-get install python3, or name one with PYTHON=..."
else
    "$python" -c 'import venv, ensurepip' 2>/dev/null || packages="$packages python3-venv"
    "$python" -c '
import pathlib, sys, sysconfig
header = pathlib.Path(sysconfig.get_path("include"), "Python.h").exists()
sys.exit(0 if header and sysconfig.get_config_var("Py_ENABLE_SHARED") else 1)' || packages="$packages python3-dev"
fi

if ! command -v cargo >/dev/null 2>&1; then
    others="$others
  Rust 1.89 or newer: see https://rustup.rs"
else
    version=$(rustc --version | cut -d' ' -f2)
    oldest=$(printf '%s\n1.89.0\n' "$version" | sort -V | head -n1)
    [ "$oldest" = 1.89.0 ] || others="$others
  Rust 1.89 or newer (found $version): rustup update"
fi

if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
    others="$others
  Node 20 or newer with npm: apt-get install nodejs npm (Debian 13 and later), or see https://nodejs.org"
elif [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
    others="$others
  Node 20 or newer (found $(node --version))"
fi

browser() {
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
        [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 && return 0
    done
    return 1
}

if [ "${1:-build}" = test ]; then
    tools=
    browser || tools=chromium
    command -v sqlite3 >/dev/null 2>&1 || tools="$tools sqlite3"
    if [ -n "$tools" ] && [ -z "$packages$others" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "Installing what the tests need: $tools ..."
        # shellcheck disable=SC2086  # one word each
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends $tools; } >/dev/null 2>&1
        tools=
        browser || tools=chromium
        command -v sqlite3 >/dev/null 2>&1 || tools="$tools sqlite3"
    fi
    packages="$packages${tools:+ $tools}"
fi

[ -z "$packages$others" ] && exit 0
echo "Greenroom needs something that this machine does not have yet:" >&2
[ -n "$packages" ] && echo "  sudo apt-get install$packages" >&2
[ -n "$others" ] && printf '%s\n' "${others#?}" >&2
exit 1
