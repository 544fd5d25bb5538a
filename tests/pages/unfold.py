"""Open everything that a page makes only once it is opened."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

_OPENED = ("fold_", "behind_")


def unfold(test: AppTest) -> AppTest:
    """``test`` after one more run, with all of its folds open and all prompts behind its steps shown."""
    for node in test.main:
        name = str(getattr(getattr(node, "proto", None), "id", ""))
        key = name.split("-", 2)[-1]  # "$$ID-<hash>-<key>"
        if name.startswith("$$ID-") and key.startswith(_OPENED):
            test.session_state[key] = True
    return test.run()
