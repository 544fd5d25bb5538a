"""The app. Its frame and list of pages: ``pages/parts/app/frame.py``; each page is a file in ``pages/``."""

from pages.parts.app.process import set_up_process

set_up_process()

from pages.parts.app.frame import run_page  # noqa: E402 - a collection amid these imports would lengthen the start

run_page()
