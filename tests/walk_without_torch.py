"""Every page and command with no torch to import: ``python tests/walk_without_torch.py``; run by a test and by CI.

It needs nothing but what the app needs, and passes on a computer with torch too: what is not to be there is refused.
"""

import json
import os
import runpy
import sys
import tempfile
from contextlib import redirect_stdout
from functools import cache
from importlib.abc import MetaPathFinder
from io import StringIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REFUSED = {"torch", "transformers", "accelerate", "gguf", "tokenizers", "safetensors", "huggingface_hub"}


class Refuse(MetaPathFinder):
    """Finds none of the libraries that only local models need."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname.partition(".")[0] in REFUSED:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and output of one command."""
    from core.cli import main

    out = StringIO()
    with redirect_stdout(out):
        code = main(arguments)
    return code, out.getvalue()


def walk_commands(folder: Path) -> None:
    code, told = run("doctor", "--json")
    lines = {line["what"]: line for line in json.loads(told)}
    assert code == 0, told
    assert lines["local models"]["state"] == "absent", lines["local models"]
    assert "torch" in lines["local models"]["detail"]
    code, told = run("models", "--json")
    states = {row["id"]: row["state"] for row in json.loads(told)}
    assert code == 0
    assert states["smollm2-135m-instruct"] == "needs torch, transformers", states
    assert states["mock"] == "ready"
    asked = ("run", "--topic", "politics", "--persona", "CHN", "--json", "--model")
    assert run(*asked, "mock", "--id", "here")[0] == 0
    code, told = run(*asked, "smollm2-135m-instruct", "--id", "there")
    assert code == 4, (code, told)
    assert "torch" in told, told
    for command in (("runs", "list"), ("runs", "show", "here"), ("runs", "verify", "here"), ("questions",)):
        assert run(*command, "--json")[0] == 0, command
    assert run("runs", "export", "here", "--to", str(folder / "here.zip"))[0] == 0


def walk_pages() -> None:
    from streamlit.components.v2 import manifest_scanner
    from streamlit.runtime.scriptrunner import script_runner
    from streamlit.testing.v1 import AppTest

    # Every AppTest reads the metadata of all installed packages in search of components.
    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
    script_runner._mpa_v1 = lambda main: runpy.run_path(main, run_name="__main__")
    told = ""
    for path in sorted((ROOT / "pages").glob("[!_]*.py")):
        # How long a page takes is told elsewhere; here others may have the processor.
        test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=900)
        test.switch_page(f"pages/{path.name}").run()
        assert not test.exception, (path.name, test.exception)
        assert test.title, path.name
        told += "".join(str(warning.value) for warning in test.warning)
    assert "torch, transformers" in told, "no page says what is missing"


def main() -> None:
    sys.meta_path.insert(0, Refuse())
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "PARALLAX_RUNS_DIR": f"{folder}/runs",
            "PARALLAX_MOCK": "1",
            "PARALLAX_OFFLINE": "1",
            "PARALLAX_WARM_UP": "0",
        }
        walk_commands(Path(folder))
        walk_pages()
    loaded = REFUSED & set(sys.modules)
    assert not loaded, loaded
    print(f"Python {sys.version.split()[0]}: every page and command works without {', '.join(sorted(REFUSED))}")  # noqa: T201


if __name__ == "__main__":
    main()
