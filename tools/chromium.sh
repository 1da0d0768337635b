#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# Sees to it that there is a Chromium for the browser tests, where that can be done without asking.
# Never fails: without a browser those tests skip, and the line below says so.
set -u

# The first is nothing but what draws pages, which takes the tests two thirds of the time.
for name in chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then
        exit 0
    fi
done

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "==> Installing Chromium for the browser tests (apt-get)"
    log=$(mktemp)
    export DEBIAN_FRONTEND=noninteractive
    apt-cache show chromium-headless-shell >/dev/null 2>&1 || apt-get update >"$log" 2>&1
    for name in chromium-headless-shell chromium; do
        install="apt-get install -y --no-install-recommends $name fonts-dejavu-core"
        if $install >>"$log" 2>&1 || { apt-get update >>"$log" 2>&1 && $install >>"$log" 2>&1; }; then
            rm -f "$log"
            exit 0
        fi
    done
    tail -n 5 "$log" >&2
    rm -f "$log"
fi

echo "!!! NO CHROMIUM: the browser tests will be SKIPPED. Install the package 'chromium' to run them. !!!" >&2
