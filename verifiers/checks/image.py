"""Pictures: their size and mode, and how far two of them differ."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..verdict import Check
from .basic import LIBRARY_FAULTS, UnreadableFile, reading

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Picture", "mean_difference", "read_image", "same_picture", "similarity"]

_MAX_PIXELS = 32 * 2**20
_BLOCK = 8


@dataclass(frozen=True)
class Picture:
    """A decoded picture; of an animation the first frame."""

    width: int
    height: int
    mode: str
    """How the file stores colours, in Pillow's words: "RGB", "RGBA", "L" (grey), "P" (palette), "1"..."""
    format: str
    """Such as "PNG" or "JPEG"."""
    pixels: np.ndarray = field(repr=False)
    """uint8, height x width x 4: red, green, blue, alpha, whatever the mode."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.width, self.height

    def color(self, x: int, y: int) -> tuple[int, int, int, int]:
        """Red, green, blue and alpha of a pixel.

        Raises:
            UnreadableFile: the picture is too small to have it.
        """
        if not (0 <= x < self.width and 0 <= y < self.height):
            raise UnreadableFile(f"the picture of {self.width} x {self.height} has no pixel ({x}, {y})")
        red, green, blue, alpha = (int(part) for part in self.pixels[y, x])
        return red, green, blue, alpha

    def region(self, x: int, y: int, width: int, height: int) -> Picture:
        """A rectangle of it.

        Raises:
            UnreadableFile: the picture is too small to hold it.
        """
        if x < 0 or y < 0 or x + width > self.width or y + height > self.height:
            raise UnreadableFile(f"the picture is only {self.width} x {self.height}")
        return Picture(width, height, self.mode, self.format, self.pixels[y : y + height, x : x + width])


def read_image(data: bytes) -> Picture:
    """Decode a picture of any format Pillow knows.

    Raises:
        UnreadableFile: it is broken, of an unknown format or over 32 megapixels.
    """
    import numpy as np
    from PIL import Image

    with warnings.catch_warnings(), reading("an image", Image.DecompressionBombError, *LIBRARY_FAULTS):
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > _MAX_PIXELS:
                raise UnreadableFile(f"the picture is too large: {image.width} x {image.height}")
            return Picture(image.width, image.height, image.mode, image.format or "", np.asarray(image.convert("RGBA")))


def mean_difference(one: Picture, other: Picture) -> float:
    """The mean absolute difference over all pixels and channels, 0 to 255; 255 when the sizes differ."""
    import numpy as np

    if one.size != other.size:
        return 255.0
    return float(np.abs(one.pixels.astype(np.int16) - other.pixels).mean())


def similarity(one: Picture, other: Picture) -> float:
    """How alike two pictures look, up to 1.0 for the same; 0.0 when the sizes differ.

    The structural similarity of Wang et al. 2004 (equation 13) of their brightness over white, over
    separate blocks of 8 x 8 pixels instead of a sliding window.
    """
    import numpy as np

    if one.size != other.size:
        return 0.0
    left, right = _blocks(one), _blocks(other)
    mean_l, mean_r = left.mean(-1), right.mean(-1)
    covariance = (left * right).mean(-1) - mean_l * mean_r
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * mean_l * mean_r + c1) * (2 * covariance + c2)
    bottom = (mean_l**2 + mean_r**2 + c1) * (left.var(-1) + right.var(-1) + c2)
    return float(np.clip(np.mean(top / bottom), -1, 1))


def same_picture(name: str, wanted: Picture, found: Picture, *, tolerance: float = 1.0, weight: float = 1.0) -> Check:
    """Pass when the sizes are equal and the mean difference (0 to 255) is at most `tolerance`."""
    difference = mean_difference(wanted, found)
    shown = f"{found.width} x {found.height}, mean difference {difference:.2f}"
    wanted_shown = f"{wanted.width} x {wanted.height}, mean difference at most {tolerance:g}"
    return Check(name, wanted.size == found.size and difference <= tolerance, wanted_shown, shown, weight)


def _blocks(picture: Picture) -> np.ndarray:
    """Brightness as blocks x 64; an edge that fills no block is repeated outwards."""
    import numpy as np

    rgb, alpha = picture.pixels[..., :3].astype(np.float64), picture.pixels[..., 3:] / 255.0
    grey = (rgb * alpha + 255 * (1 - alpha)) @ np.array([0.299, 0.587, 0.114])
    grey = np.pad(grey, [(0, -size % _BLOCK) for size in grey.shape], mode="edge")
    rows, columns = grey.shape[0] // _BLOCK, grey.shape[1] // _BLOCK
    return grey.reshape(rows, _BLOCK, columns, _BLOCK).swapaxes(1, 2).reshape(rows * columns, _BLOCK**2)
