#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Installs Brug from the folder this script lies in, without a network.
#
#   ./install.sh [FOLDER]      default: /opt/brug
#
# FOLDER gets a virtual environment of its own; nothing else on the machine changes. Running it
# again upgrades. A node's data is elsewhere (`brug --home`) and is not touched.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
target=${1:-/opt/brug}
wanted=$(basename "$here" | sed -n 's/.*-cp3\([0-9]*\)-.*/3.\1/p')
python=${PYTHON:-}

for candidate in ${python:-"python$wanted" python3}; do
    if "$candidate" -c "import sys, venv, ensurepip; sys.exit('%d.%d' % sys.version_info[:2] != '$wanted')" 2>/dev/null; then
        python=$candidate
        break
    fi
    python=
done
if [ -z "$python" ]; then
    echo "This bundle needs Python $wanted with venv (Debian: apt-get install python$wanted python$wanted-venv)." >&2
    echo "Name yours with PYTHON=/path/to/python$wanted, or make a bundle with the Python you have." >&2
    exit 1
fi

echo "==> Checking the bundle"
(cd "$here" && sha256sum --check --quiet SHA256SUMS)

echo "==> Installing into $target"
[ -x "$target/bin/python" ] || "$python" -m venv "$target"
"$target/bin/python" -m pip -q --disable-pip-version-check install --no-index \
    --find-links "$here/wheels" --require-hashes -r "$here/requirements.txt"

echo "==> Installed: $("$target/bin/python" -c 'import brug; print("Brug", brug.__version__)')"
echo "Next:"
echo "  $target/bin/brug --home DIR init --org NAME --email ADDRESS"
echo "  $target/bin/brug --home DIR serve"
echo "A systemd unit and a reverse-proxy example are in $here/deploy."
