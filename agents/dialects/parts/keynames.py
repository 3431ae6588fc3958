"""Names of keys: every spelling that dialects use, read into ours, and ours written in theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ....envs.keys import NAMED_KEYS, split_chord
from ....errors import ActionError

__all__ = ["GEMINI", "OPENAI", "PYAUTOGUI", "XDOTOOL", "KeyNames", "read_chord"]

_MODIFIERS = {
    "ctrl": "control controlormeta ctrlleft ctrlright control_l control_r controlleft controlright",
    "shift": "shiftleft shiftright shift_l shift_r",
    "alt": "altleft altright alt_l alt_r option optionleft optionright",
    "super": "win winleft winright windows cmd command meta metaleft metaright super_l super_r meta_l meta_r",
    "altgr": "iso_level3_shift altgraph",
}
_NAMED = {
    "enter": "return \n \r",
    "tab": "\t",
    "space": "spacebar",
    "escape": "esc",
    "delete": "del",
    "insert": "ins",
    "pageup": "page_up pgup prior",
    "pagedown": "page_down pgdn next",
    "left": "arrowleft",
    "up": "arrowup",
    "right": "arrowright",
    "down": "arrowdown",
    "menu": "apps contextmenu",
    "capslock": "caps_lock",
    "numlock": "num_lock",
    "scrolllock": "scroll_lock",
    "printscreen": "print prtsc prtscr prntscrn print_screen",
    "kpenter": "kp_enter numpadenter",
    "kpadd": "add kp_add numpadadd",
    "kpsubtract": "subtract kp_subtract numpadsubtract",
    "kpmultiply": "multiply kp_multiply numpadmultiply",
    "kpdivide": "divide kp_divide numpaddivide",
    "kpdecimal": "decimal kp_decimal numpaddecimal",
    **{f"kp{n}": f"num{n} kp_{n} numpad{n}" for n in range(10)},
}
_SIGNS = {
    "-": "minus hyphen",
    "=": "equal equals",
    ",": "comma",
    ".": "period dot",
    "/": "slash",
    "\\": "backslash",
    ";": "semicolon",
    ":": "colon",
    "'": "apostrophe quote",
    "`": "grave backquote",
    "[": "bracketleft",
    "]": "bracketright",
    "{": "braceleft",
    "}": "braceright",
    "(": "parenleft",
    ")": "parenright",
    "<": "less",
    ">": "greater",
    "?": "question",
    "!": "exclam",
    "@": "at",
    "#": "numbersign",
    "$": "dollar",
    "%": "percent",
    "^": "asciicircum",
    "&": "ampersand",
    "*": "asterisk",
    "_": "underscore",
    "|": "bar",
    "~": "asciitilde",
    '"': "quotedbl",
}
# Split at spaces only: line ends and tabs are names of keys here.
_READ = {name: key for key, names in (_MODIFIERS | _NAMED | _SIGNS).items() for name in names.split(" ")}
"""Spelling in lower case -> our name: xdotool's (X keysyms), pyautogui's, Playwright's, and what models make."""


def read_chord(*words: str) -> str:
    """Our spelling of a chord: `read_chord("Control_L", "s")` and `read_chord("ctrl+S")` are both "ctrl+s".

    An unknown name is passed on, for the action that holds it to refuse with a suggestion.
    """
    parts = [part for word in words for part in _split(word)]
    keys = [_key(part) for part in parts]
    return "+".join(key.lower() if len(key) == 1 and len(keys) > 1 else key for key in keys)


def _split(word: str) -> list[str]:
    if word in ("+", "++"):
        return ["plus"]
    return word.replace("++", "+plus").split("+")


def _key(word: str) -> str:
    if word == " ":
        return "space"
    name = word.lower() if word in ("\n", "\r", "\t") else word.strip().lower()
    return _READ.get(name, word.strip() if len(word.strip()) == 1 else name)


@dataclass(frozen=True)
class KeyNames:
    """How one family of dialects names keys.

    Args:
        names: our name of a named key -> theirs; a key that is absent has no name there.
        ascii_only: whether only ASCII characters name themselves.
        capital_chords: whether a letter in a chord is written as a capital.
    """

    names: Mapping[str, str]
    ascii_only: bool = False
    capital_chords: bool = False

    def spell(self, chord: str) -> list[str]:
        """The keys of one of our chords in their names.

        Raises:
            ActionError: one of them has no name there.
        """
        keys = split_chord(chord)
        return [self._name(key, len(keys) > 1) for key in keys]

    def _name(self, key: str, in_chord: bool) -> str:
        if key in NAMED_KEYS:
            if key not in self.names:
                raise ActionError(f"it has no name for the key {key!r}")
            return self.names[key]
        if self.ascii_only and not key.isascii():
            raise ActionError(f"it has no name for the key {key!r}")
        return key.upper() if in_chord and self.capital_chords else key


_SAME = ("tab", "space", "backspace", "delete", "insert", "home", "end", "pageup", "pagedown", "shift", "alt")
_ARROWS = ("left", "up", "right", "down")
_OPERATORS = ("add", "subtract", "multiply", "divide", "decimal")

XDOTOOL = KeyNames(
    {
        **{key: key for key in ("ctrl", "shift", "alt", "super", "space", "plus")},
        **{
            key: key.capitalize()
            for key in (*_ARROWS, "tab", "delete", "insert", "escape", "home", "end", "menu", "pause")
        },
        **{f"f{n}": f"F{n}" for n in range(1, 25)},
        **{f"kp{n}": f"KP_{n}" for n in range(10)},
        **{f"kp{op}": f"KP_{op.capitalize()}" for op in ("enter", *_OPERATORS)},
        "altgr": "ISO_Level3_Shift",
        "enter": "Return",
        "backspace": "BackSpace",
        "pageup": "Page_Up",
        "pagedown": "Page_Down",
        "capslock": "Caps_Lock",
        "numlock": "Num_Lock",
        "scrolllock": "Scroll_Lock",
        "printscreen": "Print",
    }
)
"""X keysym names, as `xdotool key` takes them."""

PYAUTOGUI = KeyNames(
    {
        **{
            key: key
            for key in (*_SAME, *_ARROWS, "ctrl", "enter", "capslock", "numlock", "scrolllock", "printscreen", "pause")
        },
        **{f"f{n}": f"f{n}" for n in range(1, 25)},
        **{f"kp{n}": f"num{n}" for n in range(10)},
        **{f"kp{op}": op for op in _OPERATORS},
        "super": "win",
        "escape": "esc",
        "menu": "apps",
        "plus": "+",
    },
    ascii_only=True,
)
"""`pyautogui.KEYBOARD_KEYS`."""

OPENAI = KeyNames(
    {
        **{key: key.upper() for key in (*_SAME, "ctrl", "enter", "capslock")},
        **{key: f"ARROW{key.upper()}" for key in _ARROWS},
        **{f"f{n}": f"F{n}" for n in range(1, 13)},
        "super": "META",
        "escape": "ESC",
        "plus": "+",
    },
    capital_chords=True,
)
"""What OpenAI's computer use guide normalises, and `CUA_KEY_TO_PLAYWRIGHT_KEY` of its sample application."""

GEMINI = KeyNames(
    {
        **{key: key for key in (*_SAME, *_ARROWS, "enter", "escape")},
        **{f"f{n}": f"f{n}" for n in range(1, 13)},
        **{f"kp{op}": op for op in _OPERATORS},
        "ctrl": "control",
        "super": "command",
        "plus": "+",
    }
)
"""`PLAYWRIGHT_KEY_MAP` of google-gemini/computer-use-preview (`computers/playwright/playwright.py`)."""
