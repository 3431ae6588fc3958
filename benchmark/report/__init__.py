"""Report: success with its interval, seen beside unseen; agents compared on the same instances; what it all cost."""

from .document import Report, report
from .page import write_page
from .text import tables

__all__ = ["Report", "report", "tables", "write_page"]
