"""Word documents in the layout of GB/T 9704: build templates, fill them, check both. Pure over bytes.

`build` makes a .docx from plain blocks, `render` fills the tags of a .docx, `wrong_tags` says what is wrong with
a template's tags, `check` where a document departs from the layout.
"""

from .build import Column, Form, Line, Rows, build
from .checking import Fault, check
from .fonts import missing
from .templates import BadTag, render, tags_of, wrong_tags

__all__ = [
    "BadTag",
    "Column",
    "Fault",
    "Form",
    "Line",
    "Rows",
    "build",
    "check",
    "missing",
    "render",
    "tags_of",
    "wrong_tags",
]
