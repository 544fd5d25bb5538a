"""Prepares charts for an HTML file: images of shapes without scripts, links, events or ids that could clash."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET  # parses only what this program has drawn

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_HREFS = ("href", f"{{{_XLINK}}}href")
_FORBIDDEN = {"script", "foreignObject", "a", "image", "style", "animate", "set"}
_REFERENCE = re.compile(r"url\(['\"]?#([^)'\"]+)['\"]?\)")
_REMOTE = re.compile(r"url\(\s*['\"]?(?!#)")

ET.register_namespace("", _SVG)


def inline(svg: str, prefix: str, description: str) -> str:
    """``svg`` ready for HTML: ids begin with ``prefix``, the whole image has one label, and the page sets its size.

    ``prefix`` must be unique in the file. Links lose their address and keep their content; scripts, embedded pages,
    images, event handlers and references to other files are dropped. Raises ``ElementTree.ParseError`` where ``svg``
    is no XML.
    """
    root = ET.fromstring(svg)  # noqa: S314
    _clean(root, prefix)
    for name in ("width", "height", "class", "version"):
        root.attrib.pop(name, None)
    root.set("role", "img")
    root.set("aria-label", description)
    # The HTML parser knows the namespace by itself; written out, it would only look like an address.
    text = ET.tostring(root, encoding="unicode")
    return text.replace(f' xmlns="{_SVG}"', "").replace(f' xmlns:xlink="{_XLINK}"', "")


def _clean(element: ET.Element, prefix: str) -> None:
    for name, value in list(element.attrib.items()):
        local = name.rpartition("}")[2].lower()
        if local.startswith(("on", "aria-")) or local in ("role", "tabindex", "class", "cursor", "pointer-events"):
            del element.attrib[name]
        elif name in _HREFS:
            del element.attrib[name]
            if value.startswith("#"):
                element.set("href", f"#{prefix}-{value[1:]}")
        elif local == "id":
            element.set(name, f"{prefix}-{value}")
        elif _REMOTE.search(value):
            del element.attrib[name]
        elif "url(" in value:
            element.set(name, _REFERENCE.sub(rf"url(#{prefix}-\1)", value))
    for child in list(element):
        tag = child.tag.rpartition("}")[2] if isinstance(child.tag, str) else "!"
        if tag == "a":
            child.tag = f"{{{_SVG}}}g"
            child.attrib.clear()
        elif tag in _FORBIDDEN or tag == "!":
            element.remove(child)
            continue
        _clean(child, prefix)
