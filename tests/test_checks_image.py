"""Pictures: what they are, and how far apart two of them lie."""

import io
import struct
import zlib

import numpy as np
import pytest
from deskgym.verifiers.checks import UnreadableFile
from deskgym.verifiers.checks.image import mean_difference, read_image, same_picture, similarity
from PIL import Image, ImageDraw


def picture(size=(40, 30), color=(255, 255, 255), square=None, kind="PNG", mode="RGB"):
    image = Image.new("RGB", size, color)
    if square:
        ImageDraw.Draw(image).rectangle(square, fill=(204, 0, 0))
    stream = io.BytesIO()
    image.convert(mode).save(stream, kind)
    return read_image(stream.getvalue())


def test_size_mode_format_and_pixels():
    found = picture(square=(10, 10, 19, 19), kind="GIF", mode="P")
    assert (found.size, found.mode, found.format) == ((40, 30), "P", "GIF")
    assert found.pixels.shape == (30, 40, 4)
    assert (found.color(10, 19), found.color(20, 19)) == ((204, 0, 0, 255), (255, 255, 255, 255))


def test_mean_difference_counts_every_pixel():
    assert mean_difference(picture(), picture()) == 0
    # One pixel of 1200 loses 51 + 255 + 255 of its four channels.
    assert mean_difference(picture(), picture(square=(0, 0, 0, 0))) == pytest.approx(561 / 4800)
    assert mean_difference(picture(color=(0, 0, 0)), picture(color=(255, 255, 255))) == 255 * 3 / 4
    assert mean_difference(picture(), picture(size=(30, 40))) == 255


def test_similarity_falls_with_structure_not_with_a_shade():
    drawn, moved = picture(square=(5, 5, 20, 20)), picture(square=(15, 8, 30, 23))
    assert similarity(drawn, drawn) == pytest.approx(1)
    assert similarity(drawn, picture(color=(250, 250, 250), square=(5, 5, 20, 20))) > 0.95
    assert similarity(drawn, moved) < 0.9
    assert similarity(drawn, picture(size=(30, 40))) == 0


def test_jpeg_is_close_but_not_the_same():
    drawn, lossy = picture(square=(5, 5, 20, 20)), picture(square=(5, 5, 20, 20), kind="JPEG")
    assert not same_picture("p", drawn, lossy, tolerance=0.01).passed
    assert same_picture("p", drawn, lossy, tolerance=10).passed
    assert similarity(drawn, lossy) > 0.9


def test_a_picture_of_another_size_never_passes():
    check = same_picture("p", picture(), picture(size=(41, 30)), tolerance=255)
    assert not check.passed
    assert check.found.startswith("41 x 30")


def test_regions():
    drawn = picture(square=(10, 10, 19, 19))
    assert np.all(drawn.region(10, 10, 10, 10).pixels == (204, 0, 0, 255))
    assert mean_difference(drawn.region(0, 0, 40, 10), picture(size=(40, 10))) == 0
    with pytest.raises(UnreadableFile, match="only 40 x 30"):
        drawn.region(35, 0, 10, 10)
    with pytest.raises(UnreadableFile, match="no pixel"):
        drawn.color(40, 0)


def bomb() -> bytes:
    """A PNG of a few bytes that claims 60,000 x 60,000 pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def whole() -> bytes:
    stream = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize("data", [b"", b"junk", whole()[:500], bomb()])
def test_broken_or_hostile_pictures(data):
    with pytest.raises(UnreadableFile):
        read_image(data)


def test_a_large_but_honest_picture_has_a_limit():
    stream = io.BytesIO()
    Image.new("1", (8192, 4097)).save(stream, "PNG")
    with pytest.raises(UnreadableFile, match="too large"):
        read_image(stream.getvalue())
