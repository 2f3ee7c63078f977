"""The reader of messy sheets: from a spreadsheet as an office keeps it to rows with known fields.

schemas, aliases = load(Path("catalogue/registers"))
reading = read(Path("register.xlsx"), schemas, aliases=aliases, calendar=workdays)
"""

from .reader import read
from .reading import Reading, Row
from .schema import Field, Schema, load
from .sheets import Unreadable

__all__ = ["Field", "Reading", "Row", "Schema", "Unreadable", "load", "read"]
