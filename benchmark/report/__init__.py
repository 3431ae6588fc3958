"""Report: success with its interval, seen beside unseen; agents compared on the same instances; what it all cost."""

from .document import Report, report
from .page import write_page
from .text import as_text, tables

__all__ = ["Report", "as_text", "report", "tables", "write_page"]
