"""What a register looks like: its fields, the header words that name them, and the key of a row. Data in catalogue/registers."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

TYPES = ("text", "lead", "units", "bank", "due", "day", "tick", "amount", "grade", "serial", "extra")


def plain(text: str) -> str:
    """Header text as it is compared: NFKC, no white space, no bracketed unit or stars, upper case."""
    text = "".join(unicodedata.normalize("NFKC", text).split()).strip("*:").upper()
    head, bracket, _ = text.partition("(")
    return head if bracket and head else text


@dataclass(frozen=True)
class Field:
    """One column: `output` False keeps it out of the row proper (it is an extra), `fill` carries a blank down."""

    name: str
    type: str
    label: str
    label_en: str
    synonyms: tuple[str, ...]
    required: bool = False
    fill: bool = False
    output: bool = True


@dataclass(frozen=True)
class Schema:
    """One kind of register. `kinds` maps a grade, or `default`, to the kind of matter that a row becomes."""

    id: str
    name: str
    name_en: str
    subject: str
    keys: tuple[str, ...]
    titles: tuple[str, ...]
    kinds: Mapping[str, str]
    fields: tuple[Field, ...]

    @cached_property
    def words(self) -> dict[str, Field]:
        """Every header word, as compared, with its field."""
        return {plain(word): field for field in self.fields for word in field.synonyms}

    def field(self, name: str) -> Field:
        """The field of this name. KeyError when there is none."""
        return next((f for f in self.fields if f.name == name), None) or _missing(name)


def _missing(name: str) -> Field:
    raise KeyError(name)


def parse(text: str, where: str) -> Schema:
    """One schema file. ValueError names the file and what is wrong."""
    data = tomllib.loads(text)
    fields = []
    for entry in data["field"]:
        if entry["type"] not in TYPES:
            raise ValueError(f"{where}: field {entry['name']} has the unknown type {entry['type']!r}")
        fields.append(Field(**{**entry, "synonyms": tuple(entry["synonyms"])}))
    return Schema(
        data["id"], data["name"], data["name_en"], data["subject"], tuple(data["keys"]), tuple(data["titles"]),
        data["kinds"], tuple(fields),
    )  # fmt: skip


def load(folder: Path) -> tuple[list[Schema], dict[str, str]]:
    """All schemas of a folder and the common short names of units."""
    schemas = [parse(p.read_text("utf-8"), p.name) for p in sorted(folder.glob("*.toml")) if p.stem != "aliases"]
    return schemas, tomllib.loads((folder / "aliases.toml").read_text("utf-8"))["units"]
