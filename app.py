"""The app. Its frame and list of pages: ``pages/components/frame.py``; each page is a file in ``pages/``."""

from pages.components.frame import run_page

run_page()
