"""Looking at a run: a web site without a server, a film, and a contact sheet."""

from .film import write_film
from .page import write_page
from .strip import write_strip

__all__ = ["write_film", "write_page", "write_strip"]
