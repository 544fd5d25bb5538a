"""A brief: the content of a page as one self-contained HTML file, to print or to pass on.

``model`` defines the content of a brief. ``first_page`` divides it between the first page and the annex. ``sources``
gives the runs behind its numbers and the commands that repeat them. ``html`` writes the file.
"""

from core.brief.html import file_name, to_html
from core.brief.model import Brief, Figure, FirstPage, RunSource, Table, plain_lines, table_of
from core.brief.sources import command_of, run_sources

__all__ = [
    "Brief",
    "Figure",
    "FirstPage",
    "RunSource",
    "Table",
    "command_of",
    "file_name",
    "plain_lines",
    "run_sources",
    "table_of",
    "to_html",
]
