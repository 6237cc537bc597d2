#!/bin/sh
# Prints the Python to embed: at least 3.11, with a shared library and headers. Debian's own first, then the one on the
# PATH. Prints the first that exists if none fits; scripts/require.sh then says what it lacks.
fits='
import pathlib, sys, sysconfig
ok = sys.version_info >= (3, 11) and sysconfig.get_config_var("Py_ENABLE_SHARED")
ok = ok and pathlib.Path(sysconfig.get_path("include"), "Python.h").exists()
import venv, ensurepip
sys.exit(0 if ok else 1)
'
first=
for python in /usr/bin/python3 "$(command -v python3)"; do
    [ -x "$python" ] || continue
    first=${first:-$python}
    if "$python" -c "$fits" 2>/dev/null; then
        printf '%s\n' "$python"
        exit 0
    fi
done
printf '%s\n' "${first:-python3}"
