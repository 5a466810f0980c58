"""What can go wrong when a model is scripted is said before it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.models.script import Script
from tests.models.tiny import ScriptClash, write_text_model


def test_scripts_that_need_two_successors_of_a_token_are_refused(tmp_path: Path) -> None:
    scripts = (Script(after="[/INST]", says="yes</s>"), Script(after="[/INST]", says="no</s>"))
    with pytest.raises(ScriptClash, match="two successors"):
        write_text_model(tmp_path / "clash.gguf", scripts)
    assert not (tmp_path / "clash.gguf").exists()
