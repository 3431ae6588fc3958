"""Players: whoever decides what to do next."""
