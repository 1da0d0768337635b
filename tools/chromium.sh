#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Sees to it that there is a Chromium for the browser tests, where that can be done without asking.
# Never fails: without a browser those tests skip, and the line below says so.
set -u

for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then
        exit 0
    fi
done

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "==> Installing Chromium for the browser tests (apt-get)"
    log=$(mktemp)
    export DEBIAN_FRONTEND=noninteractive
    install="apt-get install -y --no-install-recommends chromium fonts-dejavu-core"
    if $install >"$log" 2>&1 || { apt-get update >>"$log" 2>&1 && $install >>"$log" 2>&1; }; then
        rm -f "$log"
        exit 0
    fi
    tail -n 5 "$log" >&2
    rm -f "$log"
fi

echo "!!! NO CHROMIUM: the browser tests will be SKIPPED. Install the package 'chromium' to run them. !!!" >&2
