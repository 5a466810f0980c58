"""The two commands of the README: they set everything up, and say in one line what is missing if they cannot."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ("sh", "dirname", "grep", "sed", "touch", "rm", "tail", "make", "cat", "mkdir", "ln")

# Acts like uv as far as the installer goes; FAKE_UV is appended to with every call.
FAKE_UV = """#!/bin/sh
echo "$@" >> "{log}"
case "$1" in
    --version) echo "uv {version} (a fake)" ;;
    venv) mkdir -p .venv/bin && ln -s "{python}" .venv/bin/python ;;
    sync) {sync} ;;
esac
"""


class Checkout:
    """What the installer needs of a checkout, and a PATH on which only chosen programs stand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "check out"  # the space is on purpose
        self.bin = folder / "bin"
        self.uv_log = folder / "uv.log"
        self.bin.mkdir()
        (self.folder / "deploy").mkdir(parents=True)
        for name in ("Makefile", "pyproject.toml", "uv.lock", "deploy/install.sh"):
            shutil.copy(ROOT / name, self.folder / name)
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found is not None, tool
            (self.bin / tool).symlink_to(found)

    def program(self, name: str, text: str) -> None:
        path = self.bin / name
        path.write_text(text)
        path.chmod(0o755)

    def python(self, name: str) -> None:
        self.program(name, f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')

    def uv(self, *, version: str = "0.9.1", sync: str = ":") -> None:
        text = FAKE_UV.format(log=self.uv_log, version=version, sync=sync, python=sys.executable)
        self.program("uv", text)

    def install(self) -> subprocess.CompletedProcess[str]:
        return self.make("install")

    def make(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", *arguments],
            cwd=self.folder,
            env={"PATH": str(self.bin), "HOME": str(self.folder), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
            executable=str(self.bin / "make"),
        )

    def uv_calls(self) -> list[str]:
        return [line.split()[0] for line in self.uv_log.read_text().splitlines()]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def _complaint(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that is ours; make adds one of its own."""
    assert done.returncode != 0
    (line,) = [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]
    return line


@pytest.mark.parametrize("target", ["help", "install", "run", "test", "thorough", "check", "fmt", "clean"])
def test_every_target_can_be_planned(target: str) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False, env=env)
    assert (done.returncode, done.stderr) == (0, "")


def test_without_a_python_one_line_says_so(checkout: Checkout) -> None:
    assert "Python 3.11 or newer is needed" in _complaint(checkout.install())
    assert not (checkout.folder / ".venv").exists()


def test_a_shim_that_leads_nowhere_and_an_old_python_are_passed_over(checkout: Checkout) -> None:
    checkout.program("python3.13", "#!/bin/sh\necho 'no such version' >&2\nexit 127\n")
    checkout.program("python3", "#!/bin/sh\nexit 1\n")
    assert "Python 3.11 or newer is needed" in _complaint(checkout.install())
    checkout.uv()
    checkout.python("python3.11")
    assert checkout.install().returncode == 0


def test_a_python_without_its_venv_module_is_named_with_the_package_to_install(checkout: Checkout) -> None:
    checkout.program("python3", f'#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; esac\nexec "{sys.executable}" "$@"\n')
    told = _complaint(checkout.install())
    assert told.startswith("calanque: python3 lacks the venv module")
    assert "python3-venv" in told


def test_without_a_network_one_line_says_so_and_the_next_try_goes_on(checkout: Checkout) -> None:
    checkout.python("python3")
    checkout.uv(sync="echo 'error: Failed to fetch: dns error' >&2; exit 2")
    told = _complaint(checkout.install())
    assert "no network?" in told
    assert ".venv/install.log" in told
    assert "dns error" in (checkout.folder / ".venv" / "install.log").read_text()
    checkout.uv()
    assert checkout.install().returncode == 0


def test_a_lock_that_is_not_in_step_is_told(checkout: Checkout) -> None:
    checkout.python("python3")
    checkout.uv(sync="echo 'error: The lockfile at uv.lock needs to be updated' >&2; exit 2")
    assert "uv.lock is not in step" in _complaint(checkout.install())


def test_the_second_call_does_nothing_until_the_lock_changes(checkout: Checkout) -> None:
    checkout.python("python3")
    checkout.uv()
    assert checkout.install().returncode == 0
    calls = checkout.uv_calls()
    assert calls.count("sync") == 1
    assert checkout.install().returncode == 0
    assert checkout.uv_calls() == calls
    stamp = (checkout.folder / ".venv" / ".installed").stat()
    os.utime(checkout.folder / "uv.lock", (stamp.st_mtime + 10, stamp.st_mtime + 10))
    assert checkout.install().returncode == 0
    assert checkout.uv_calls().count("sync") == 2


def test_an_environment_whose_python_has_gone_is_made_anew(checkout: Checkout) -> None:
    checkout.python("python3")
    checkout.uv()
    assert checkout.install().returncode == 0
    python = checkout.folder / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nonexistent/python")
    (checkout.folder / ".venv" / ".installed").unlink()
    assert checkout.install().returncode == 0
    assert python.exists()


def test_a_uv_that_is_too_old_is_left_alone(checkout: Checkout) -> None:
    # The python on offer cannot make an environment, so that nothing is downloaded here.
    checkout.program("python3", f'#!/bin/sh\ncase "$1" in -m) exit 1 ;; esac\nexec "{sys.executable}" "$@"\n')
    checkout.uv(version="0.4.30")
    assert "could not make .venv" in _complaint(checkout.install())
    assert checkout.uv_calls() == ["--version"]


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_without_a_browser_tests_are_skipped_except_in_ci(ci: str, code: int, checkout: Checkout) -> None:
    checkout.program("id", "#!/bin/sh\necho 1000\n")
    done = subprocess.run(
        ["sh", str(ROOT / "deploy" / "chromium.sh")],
        env={"PATH": str(checkout.bin), "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    assert done.stderr == "calanque: no Chromium on this machine; the browser tests will be skipped\n"
    checkout.program("chromium", "#!/bin/sh\n")
    env = {"PATH": str(checkout.bin), "CI": ci}
    assert subprocess.run(["sh", str(ROOT / "deploy" / "chromium.sh")], env=env, check=False).returncode == 0
