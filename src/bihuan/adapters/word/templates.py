"""Filling the tags of a .docx, and saying which of them are wrong, by paragraph.

Tags are Jinja's as docxtpl reads them: `{{ meeting.title }}`, `{%p if … %}` for whole paragraphs, `{%tr for … %}` for
rows. Templates come from people, so they run in a sandbox over plain values.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zipfile import BadZipFile, ZipFile

from docx import Document
from docx.table import Table
from docx.text.paragraph import Paragraph
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bihuan.kernel.domain.refusal import N_, Refused

SHORT = re.compile(r"(\{[%{])-?(?:p|tr|tc|r)(?=\s)")
"""docxtpl's marks for whole paragraphs, rows, cells and runs."""
TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
UNPACKED = 100 * 2**20
PARTS = 2_000
"""Paragraphs that a template may have."""


@dataclass(frozen=True)
class BadTag:
    """A tag that cannot be filled: the paragraph (from 1), the tag, and why (`message` with `params`)."""

    line: int
    tag: str
    message: str
    params: dict[str, Any]


def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True)


def opened(data: bytes) -> Any:
    """The document. Refused when it is none, or would fill the memory when unpacked."""
    try:
        with ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > UNPACKED:
                raise Refused(N_("This document is too large when unpacked."), field="file")
        return Document(io.BytesIO(data))
    except (BadZipFile, KeyError, ValueError) as error:
        raise Refused(N_("This is no Word document (.docx)."), field="file") from error


def paragraphs(document: Any) -> Iterator[Paragraph]:
    """Every paragraph of the body in reading order, those of tables too."""
    for block in document.iter_inner_content():
        yield from _within(block)


def _within(block: Paragraph | Table) -> Iterator[Paragraph]:
    if isinstance(block, Paragraph):
        yield block
        return
    for row in block.rows:
        met = set()
        for cell in row.cells:
            if cell._tc not in met:  # a merged cell is listed once for each column it covers
                met.add(cell._tc)
                for inner in cell.iter_inner_content():
                    yield from _within(inner)


def _plain(document: Any) -> list[str]:
    """The text of each paragraph with docxtpl's marks taken off: line n of the text is paragraph n."""
    lines = [SHORT.sub(r"\1", p.text.replace("\n", " ").replace("\t", " ")) for p in paragraphs(document)]
    if len(lines) > PARTS:
        raise Refused(
            N_("The template has %(n)s paragraphs; at most %(max)s fit."), field="file", n=len(lines), max=PARTS
        )
    return lines


def tags_of(data: bytes) -> list[str]:
    """The tags of a template in order."""
    return [tag for line in _plain(opened(data)) for tag in TAG.findall(line)]


def wrong_tags(data: bytes, sample: Mapping[str, Any]) -> list[BadTag]:
    """What is wrong with a template's tags; `sample` holds one example of all that may be named.

    Refused when the file is no document. Every unknown name is listed, or the first mistake in the grammar of tags.
    """
    lines = _plain(opened(data))
    try:
        tree = _environment().parse("\n".join(lines))
        _environment().compile(tree)  # unknown filters show only here
    except TemplateSyntaxError as error:
        line = min(error.lineno, len(lines))
        return [BadTag(line, _tag(lines[line - 1]), N_("the tag is not closed or not written as tags are: %(why)s"), {"why": error.message or ""})]  # fmt: skip
    found: list[BadTag] = []
    _Names(lines, found).walk(tree.body, dict(sample))
    if not found:
        try:
            render(data, sample)
        except TemplateError as error:
            found.append(
                BadTag(1, "", N_("the template cannot be filled: %(why)s"), {"why": error.message or str(error)})
            )
    return found


def _tag(line: str, name: str = "") -> str:
    tags = TAG.findall(line)
    return next((t for t in tags if name in t), tags[0] if tags else line[:60])


UNKNOWN = object()


class _Names:
    """Walks the tree of a template and looks every name up in the sample."""

    def __init__(self, lines: list[str], found: list[BadTag]) -> None:
        self.lines, self.found = lines, found

    def walk(self, body: list[nodes.Node], scope: dict[str, Any]) -> None:
        for node in body:
            if isinstance(node, nodes.For):
                many = self.value(node.iter, scope)
                item = many[0] if isinstance(many, list | tuple) and many else UNKNOWN
                inner = {**scope, "loop": UNKNOWN, **{n.name: item for n in node.target.find_all(nodes.Name)}}
                if isinstance(node.target, nodes.Name):
                    inner[node.target.name] = item
                self.walk(node.body, inner)
                self.walk(node.else_, scope)
            elif isinstance(node, nodes.If):
                self.value(node.test, scope)
                self.walk([*node.body, *node.elif_, *node.else_], scope)
            elif isinstance(node, nodes.Output):
                for part in node.nodes:
                    self.value(part, scope)
            elif isinstance(node, nodes.Assign):
                scope.update({n.name: self.value(node.node, scope) for n in node.target.find_all(nodes.Name)})
            else:
                self.bad(node, "", N_("this kind of tag is not allowed"))

    def value(self, node: nodes.Node, scope: dict[str, Any]) -> Any:
        """The sample's value of an expression, UNKNOWN where it cannot be told."""
        if isinstance(node, nodes.Name):
            if node.name not in scope:
                self.bad(node, node.name, N_("“%(name)s” is no field of this paper"), name=node.name)
                return UNKNOWN
            return scope[node.name]
        if isinstance(node, nodes.Getattr):
            owner = self.value(node.node, scope)
            if isinstance(owner, Mapping):
                if node.attr not in owner:
                    self.bad(node, node.attr, N_("“%(name)s” is no field of this paper"), name=node.attr)
                    return UNKNOWN
                return owner[node.attr]
            if owner is not UNKNOWN:
                self.bad(node, node.attr, N_("“%(name)s” is no field of this paper"), name=node.attr)
            return UNKNOWN
        for child in node.iter_child_nodes():
            self.value(child, scope)
        return UNKNOWN

    def bad(self, node: nodes.Node, part: str, message: str, **params: Any) -> None:
        line = self.lines[node.lineno - 1] if node.lineno <= len(self.lines) else ""
        self.found.append(BadTag(node.lineno, _tag(line, part), message, params))


def render(data: bytes, context: Mapping[str, Any]) -> bytes:
    """The template with its tags filled. jinja2.TemplateError when a tag cannot be filled."""
    template = DocxTemplate(io.BytesIO(data))
    template.render(dict(context), jinja_env=_environment(), autoescape=True)
    out = io.BytesIO()
    template.save(out)
    return out.getvalue()
