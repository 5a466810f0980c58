#!/bin/sh
# The browser for the tests of the local page: the machine's own, or Debian's where we may install it. Never fails
# except in CI, where those tests must not be skipped; elsewhere they say themselves that they were.
set -eu

for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the tests of the local page ..."
    export DEBIAN_FRONTEND=noninteractive
    if { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } >/tmp/calanque-chromium.log 2>&1 </dev/null; then
        exit 0
    fi
    echo "calanque: Chromium could not be installed; details are in /tmp/calanque-chromium.log" >&2
else
    echo "calanque: no Chromium on this machine; the browser tests will be skipped" >&2
fi
[ -z "${CI:-}" ]
