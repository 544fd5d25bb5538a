"""What the app sets for its whole process. Called by ``app.py`` alone: an import of any module changes nothing."""

from functools import cache

from core.charts import style
from pages.parts.app.collector import keep_all, spare_memory


@cache
def settle_process() -> None:
    """Settings of the allocators, the collector and Altair, made once; ``app.py`` runs anew at every click."""
    spare_memory()
    # Streamlit and what it brings are there by now; a collection of them would fall into the start.
    keep_all()
    style.without_checks()
