"""Translatable strings without GNU gettext: gather them from code and templates, compile the catalogues, find what lacks.

python tools/messages.py gather    add new strings to every catalogue, drop those that are gone
python tools/messages.py compile   write the .mo files
"""

import ast
import os
import re
import sys
from pathlib import Path

import polib

SRC = Path(__file__).resolve().parents[1] / "src" / "bihuan"
CATALOGUES = sorted((SRC / "locale").glob("*/LC_MESSAGES/django.po"))
CALLS = {"_", "N", "N_", "gettext", "gettext_lazy", "gettext_noop"}
IN_TEMPLATE = re.compile(
    r"\bgettext\(u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")\)|\b_\(u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")\)"
)


def in_code(path: Path) -> set[str]:
    """Literal arguments of the gettext family; a computed argument cannot be gathered and is left alone."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and node.args:
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            first = node.args[0]
            if name in CALLS and isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add(first.value)
    return found


def in_template(text: str) -> set[str]:
    """Strings of translate and blocktranslate, as Django itself sees them."""
    from django.utils.translation.template import templatize

    return {ast.literal_eval(a or b) for a, b in IN_TEMPLATE.findall(templatize(text))}


def gathered() -> dict[str, str]:
    """Every string with one place where it stands."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.conf.settings")
    django.setup()
    found: dict[str, str] = {}
    for path in sorted(SRC.rglob("*.py")):
        found.update(dict.fromkeys(in_code(path), str(path.relative_to(SRC))))
        if path.name == "tables.py":
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and "translate" in node.value:
                    found.update(dict.fromkeys(in_template(node.value), str(path.relative_to(SRC))))
    for path in sorted(SRC.rglob("*.html")):
        found.update(dict.fromkeys(in_template(path.read_text("utf-8")), str(path.relative_to(SRC))))
    return found


def lacking(catalogue: polib.POFile, found: dict[str, str]) -> list[str]:
    """What keeps a catalogue from being complete: missing, untranslated, fuzzy or left-over strings, lost placeholders."""
    entries = {e.msgid: e for e in catalogue if not e.obsolete}
    out = [f"missing: {m!r} ({where})" for m, where in found.items() if m not in entries]
    for msgid, entry in entries.items():
        if msgid not in found:
            out.append(f"left over: {msgid!r}")
        elif not entry.msgstr or entry.fuzzy:
            out.append(f"untranslated: {msgid!r}")
        elif sorted(re.findall(r"%\(\w+\)s", msgid)) != sorted(re.findall(r"%\(\w+\)s", entry.msgstr)):
            out.append(f"placeholders differ: {msgid!r}")
    return out


def gather() -> None:
    found = gathered()
    for path in CATALOGUES:
        catalogue = polib.pofile(str(path), wrapwidth=0)
        for entry in [e for e in catalogue if e.msgid not in found or e.obsolete]:
            catalogue.remove(entry)
        have = {e.msgid for e in catalogue}
        catalogue.extend(polib.POEntry(msgid=m) for m in sorted(found) if m not in have)
        catalogue.sort(key=lambda e: e.msgid)
        catalogue.save()
        print(f"{path.parent.parent.name}: {len(catalogue.untranslated_entries())} to translate")


def compile_all() -> None:
    for path in CATALOGUES:
        polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))


if __name__ == "__main__":
    {"gather": gather, "compile": compile_all}[sys.argv[1]]()
