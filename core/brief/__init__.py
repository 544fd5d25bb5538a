"""A brief: what is on a page as one self-contained HTML file, to print or to hand on.

``model`` says what a brief holds, ``first_page`` what stands on the first page and what behind it, ``sources`` where
its numbers come from and how to make them again, ``html`` writes the file.
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
