"""The app. Its frame and list of pages: ``pages/parts/app/frame.py``; each page is a file in ``pages/``."""

from pages.parts.app.frame import run_page

run_page()
