"""Writing the small XML documents that mail programs read."""

from xml.etree import ElementTree as ET


def add(parent: ET.Element, tag: str, text: str) -> None:
    """Add an element that holds a text."""
    ET.SubElement(parent, tag).text = text


def document(root: ET.Element) -> bytes:
    """Return the document in UTF-8, with its declaration."""
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text
