#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Makes the virtual environment named by $1 with the first Python that is new enough.
# $PYTHON, when set, is the only candidate. Nothing outside that folder is touched.
set -eu

target=$1

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
}

python=$(find_python)
if [ -z "$python" ]; then
    echo "Brug needs Python 3.11 or newer; looked at: ${PYTHON:-python3, python3.11 to python3.14, python}." >&2
    echo "Install one (Debian, Ubuntu: apt-get install python3 python3-venv) or name yours: make PYTHON=/path/to/python3" >&2
    exit 1
fi

# Debian leaves ensurepip out of python3; venv then fails half way with a message of its own.
if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    echo "$python has no venv or ensurepip module, so it cannot make a virtual environment." >&2
    echo "On Debian and Ubuntu these are in the package $package: apt-get install $package" >&2
    exit 1
fi

rm -rf "$target"
"$python" -m venv "$target"
