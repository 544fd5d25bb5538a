"""Settings of the whole process. Only ``app.py`` makes them: no import of a module changes the process."""

from core.charts import style
from core.once import once
from pages.parts.app.collector import freeze_objects, return_freed_memory


@once
def set_up_process() -> None:
    """Set up the allocators, the garbage collector and Altair, once a process: ``app.py`` runs again at every click."""
    return_freed_memory()
    # Streamlit and its libraries are imported by now. Collecting their objects would make the start longer.
    freeze_objects()
    style.without_checks()
