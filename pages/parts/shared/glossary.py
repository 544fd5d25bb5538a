"""Terms of the glossary in tooltips and in a list."""

import streamlit as st

from core.i18n.glossary import glossary
from pages.parts.shared.texts import ui_language


def explain(*keys: str) -> str:
    """The text of a tooltip, for ``help=``: each term with its explanation."""
    terms = glossary(ui_language())
    return "\n\n".join(f"**{terms[key].name}** — {terms[key].text}" for key in keys)


def show_glossary() -> None:
    """Show all terms, sorted by name."""
    terms = glossary(ui_language()).values()
    for term in sorted(terms, key=lambda entry: entry.name.lower()):
        st.markdown(f"**{term.name}** — {term.text}")
