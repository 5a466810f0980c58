"""Fixtures that lend the tiny models, written once per machine and change of the code that writes them."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from tests.models.script import CLOCK_ROUND, Script

if TYPE_CHECKING:
    from tests.inference.llama import LlamaCpp

WAIT_SECONDS = 100
"""Longest wait for another test process that is writing the same model."""


@dataclass(frozen=True, slots=True)
class TinyModels:
    """Paths of tiny models; each is written when it is first asked for and then shared by all test processes."""

    folder: Path

    def noise(self) -> Path:
        """Mistral Small 3.1 in shape, with random weights."""
        return self._lend("noise", _text_model)

    def scripted(self, scripts: Sequence[Script] = CLOCK_ROUND) -> Path:
        """The same, saying these scripts token by token."""
        name = "scripted-" + hashlib.sha256(repr(tuple(scripts)).encode()).hexdigest()[:12]
        return self._lend(name, lambda path: _text_model(path, scripts))

    def projector(self) -> Path:
        """The vision part that fits both."""
        return self._lend("projector", _projector)

    def _lend(self, name: str, write: Callable[[Path], None]) -> Path:
        path = self.folder / f"{name}.gguf"
        with FileLock(self.folder / f"{name}.lock", timeout=WAIT_SECONDS):
            if not path.exists():
                draft = path.with_suffix(".draft")
                write(draft)
                draft.replace(path)
        return path


def lent_models() -> TinyModels:
    """Where this machine keeps them for this code; also for benchmarks."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    stamp = hashlib.sha256(b"".join(source.read_bytes() for source in sources))
    for library in ("gguf", "mistral-common", "numpy"):
        stamp.update(version(library).encode())
    folder = Path(tempfile.gettempdir(), f"calanque-tiny-models-{stamp.hexdigest()[:16]}")
    folder.mkdir(mode=0o700, exist_ok=True)
    return TinyModels(folder)


@pytest.fixture(scope="session")
def tiny_models() -> TinyModels:
    """Real models for llama.cpp, small enough to be written during a test run."""
    return lent_models()


@pytest.fixture(scope="session")
def llama(tiny_models: TinyModels) -> Iterator[LlamaCpp]:
    """Real llama.cpp with random weights and an eye; loading it takes a second."""
    from tests.inference.llama import LlamaCpp  # noqa: PLC0415 - as below

    engine = LlamaCpp(tiny_models.noise(), tiny_models.projector())
    yield engine
    engine.close()


def _text_model(path: Path, scripts: Sequence[Script] = ()) -> None:
    from tests.models.tiny import write_text_model  # noqa: PLC0415 - a second of imports that most test runs don't need

    write_text_model(path, scripts)


def _projector(path: Path) -> None:
    from tests.models.tiny import write_projector  # noqa: PLC0415 - as above

    write_projector(path)
