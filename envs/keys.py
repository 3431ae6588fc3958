"""The names of keys: one spelling each, common aliases understood, and the X keysym each stands for."""

from __future__ import annotations

from ..errors import ActionError, did_you_mean

__all__ = ["MODIFIERS", "NAMED_KEYS", "check_chord", "keysym_of_char", "split_chord"]

MODIFIERS = {"ctrl": 0xFFE3, "shift": 0xFFE1, "alt": 0xFFE9, "super": 0xFFEB, "altgr": 0xFE03}

NAMED_KEYS: dict[str, int] = {
    **MODIFIERS,
    "enter": 0xFF0D,
    "tab": 0xFF09,
    "space": 0x20,
    "backspace": 0xFF08,
    "delete": 0xFFFF,
    "insert": 0xFF63,
    "escape": 0xFF1B,
    "home": 0xFF50,
    "end": 0xFF57,
    "pageup": 0xFF55,
    "pagedown": 0xFF56,
    "left": 0xFF51,
    "up": 0xFF52,
    "right": 0xFF53,
    "down": 0xFF54,
    "menu": 0xFF67,
    "capslock": 0xFFE5,
    "numlock": 0xFF7F,
    "scrolllock": 0xFF14,
    "printscreen": 0xFF61,
    "pause": 0xFF13,
    "plus": 0x2B,
    **{f"f{n}": 0xFFBD + n for n in range(1, 25)},
    **{f"kp{n}": 0xFFB0 + n for n in range(10)},
    "kpenter": 0xFF8D,
    "kpadd": 0xFFAB,
    "kpsubtract": 0xFFAD,
    "kpmultiply": 0xFFAA,
    "kpdivide": 0xFFAF,
    "kpdecimal": 0xFFAE,
}
"""Key name -> X keysym. Any single printable character names itself."""

_ALIASES = {
    "control": "ctrl",
    "return": "enter",
    "esc": "escape",
    "del": "delete",
    "ins": "insert",
    "win": "super",
    "cmd": "super",
    "meta": "super",
    "option": "alt",
    "page_up": "pageup",
    "page_down": "pagedown",
    "pgup": "pageup",
    "pgdn": "pagedown",
    "print": "printscreen",
    "caps_lock": "capslock",
}


def split_chord(chord: str) -> list[str]:
    """Split "Ctrl+Shift+S" into known key names, modifiers first as written; "ctrl++" ends in a plus.

    Raises:
        ActionError: a key is unknown.
    """
    words = (chord.replace("++", "+plus") if chord != "+" else "plus").split("+")
    keys = [_canonical(word, chord) for word in words]
    # "Ctrl+S" is how menus spell ctrl+s: a letter's case means something only where it stands alone.
    return [key.lower() if len(key) == 1 else key for key in keys] if len(keys) > 1 else keys


def check_chord(chord: object, *, empty: bool = False) -> None:
    """Raise ActionError unless the chord is text made of known keys (or empty, where that is allowed)."""
    if not isinstance(chord, str):
        raise ActionError(f'keys are text such as "ctrl+s", not {chord!r}')
    if not chord and empty:
        return
    split_chord(chord)


def keysym_of_char(char: str) -> int:
    """The X keysym of a character (X11 protocol, appendix A: Latin-1 is itself, the rest 0x01000000 + code)."""
    if char == "\n":
        return NAMED_KEYS["enter"]
    if char == "\t":
        return NAMED_KEYS["tab"]
    code = ord(char)
    return code if 0x20 <= code <= 0x7E or 0xA0 <= code <= 0xFF else 0x01000000 + code


def _canonical(word: str, chord: str) -> str:
    word = word.strip()
    if len(word) == 1 and word.isprintable() and word != " ":
        return word
    name = _ALIASES.get(word.lower(), word.lower())
    if name not in NAMED_KEYS:
        raise ActionError(f"unknown key {word!r} in {chord!r}{did_you_mean(name, NAMED_KEYS)}")
    return name
