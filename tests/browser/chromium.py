"""Finds a Chromium, or installs Debian's where that is possible."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
VARIABLE = "CALANQUE_TEST_CHROMIUM"
INSTALL_SECONDS = 600
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class NoChromium(Exception):
    """Why there is none."""


def find() -> str:
    """The path of a Chromium. Raises NoChromium with the reason."""
    named = os.environ.get(VARIABLE)
    if named:
        if not Path(named).is_file():
            raise NoChromium(f"{VARIABLE}={named} is not a file")
        return named
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is not None:
        return found
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise NoChromium(f"no Chromium here ({', '.join(NAMES)}); install one or set {VARIABLE}")
    for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        done = subprocess.run(
            ["apt-get", "-q", *command],
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
        if done.returncode:
            raise NoChromium(f"apt-get {command[0]} failed: {done.stderr.strip()[-300:]}")
    installed = shutil.which("chromium")
    if installed is None:
        raise NoChromium("Debian's chromium was installed but is not on the PATH")
    return installed
