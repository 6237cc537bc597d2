#!/bin/sh
# Makes .venv with the given Python, unless it is there already, and installs the pinned requirements.
#   scripts/venv.sh PYTHON REQUIREMENTS
set -eu
python=$1
requirements=$2

if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    echo "Creating .venv with $("$python" --version) ..."
    rm -rf .venv
    "$python" -m venv .venv
fi
echo "Installing $requirements into .venv ..."
.venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement "$requirements"

# So that editors, tests and notebooks find the shared package where it stands.
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
printf '%s\n' "$PWD/assets/python" > "$site/greenroom.pth"
