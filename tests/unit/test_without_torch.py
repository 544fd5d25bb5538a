"""Everything but the models of this computer works where torch is not installed, and says that it is missing."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import Unreachable
from core.providers.local import libraries

WALK = Path(__file__).resolve().parents[1] / "walk_without_torch.py"


@pytest.mark.slow  # .ci/run walks the same way under another Python
def test_every_page_and_command_works_without_torch():
    done = subprocess.run([sys.executable, str(WALK)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "every page and command works" in done.stdout


def test_what_is_missing_is_named(monkeypatch):
    libraries.require_libraries()
    monkeypatch.setattr(libraries, "LOCAL", ("torch", "no_such_library"))
    with pytest.raises(Unreachable, match="no_such_library, which is not installed"):
        libraries.require_libraries()
