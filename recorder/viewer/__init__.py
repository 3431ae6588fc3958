"""Looking at runs: a server to watch them with, the same pages without one, a film, and a contact sheet."""

from .film import write_film, write_films
from .server import Watch, watch
from .site import write_site
from .strip import write_strip

__all__ = ["Watch", "watch", "write_film", "write_films", "write_site", "write_strip"]
