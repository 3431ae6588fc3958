"""The frame file through its public face: bit for bit, in any order, whatever happens to the bytes."""

from __future__ import annotations

import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
import xxhash
import zstandard
from deskgym.errors import RecordError
from deskgym.recorder import Frames, FrameWriter
from hypothesis import given, settings
from hypothesis import strategies as st


def noise(number: int, height: int = 40, width: int = 64) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 256, (height, width, 3), dtype=np.uint8)


def write(path: Path, frames: list[np.ndarray], level: int = 6) -> list[str]:
    with FrameWriter(path, level) as writer:
        return [writer.put(frame) for frame in frames]


def typing(count: int, height: int = 100, width: int = 161) -> list[np.ndarray]:
    """Screens that each differ from the one before in a few pixels."""
    frames = [np.full((height, width, 3), 230, np.uint8)]
    for number in range(1, count):
        frame = frames[-1].copy()
        x, y = number * 7 % (width - 6), number * 13 % (height - 9)
        frame[y : y + 9, x : x + 6] = (number % 256, number // 256, 40)
        frames.append(frame)
    return frames


# --- what was put comes back

sizes = st.tuples(st.integers(1, 100), st.integers(1, 100))


@st.composite
def episodes(draw) -> list[np.ndarray]:
    """Screens of any size: each an edit of the one before, an earlier one again, or of another size."""
    height, width = draw(sizes)
    frames = [np.full((height, width, 3), draw(st.integers(0, 255)), np.uint8)]
    for _ in range(draw(st.integers(0, 12))):
        edit = draw(st.sampled_from(["fill", "noise", "scroll", "earlier", "resize", "nothing"]))
        frame = frames[-1].copy()
        height, width, _ = frame.shape
        y, x = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
        below, right = draw(st.integers(y + 1, height)), draw(st.integers(x + 1, width))
        if edit == "fill":
            frame[y:below, x:right] = draw(st.tuples(*[st.integers(0, 255)] * 3))
        elif edit == "noise":
            frame[y:below, x:right] = noise(draw(st.integers(0, 99)), below - y, right - x)
        elif edit == "scroll":
            frame = np.roll(frame, draw(st.integers(-40, 40)), axis=0)
        elif edit == "earlier":
            frame = draw(st.sampled_from(frames))
        elif edit == "resize":
            frame = noise(draw(st.integers(0, 99)), *draw(sizes))
        frames.append(frame)
    return frames


@settings(max_examples=150, deadline=None)
@given(episodes(), st.sampled_from([1, 6, 19]), st.randoms(use_true_random=False))
def test_every_frame_comes_back_bit_for_bit_in_any_order(tmp_path_factory, frames, level, random):
    path = tmp_path_factory.mktemp("frames") / "frames.tiles"
    keys = write(path, frames, level)
    pairs = list(zip(keys, frames, strict=True))
    random.shuffle(pairs)
    reader = Frames(path)
    for key, frame in pairs:
        back = reader.get(key)
        assert back.dtype == np.uint8
        assert np.array_equal(back, frame)
        assert np.array_equal(Frames(path).get(key), frame)
    different = {(frame.shape, frame.tobytes()) for frame in frames}
    assert len(reader.entries()) == len(set(keys)) == len(different)


def test_a_frame_that_was_read_is_the_callers(tmp_path):
    keys = write(tmp_path / "f", typing(3))
    reader = Frames(tmp_path / "f")
    for _ in range(2):
        for key, frame in zip(keys, typing(3), strict=True):
            back = reader.get(key)
            assert back.flags.writeable
            assert back.flags.c_contiguous
            assert np.array_equal(back, frame)
            back[:] = 0


def test_a_frame_that_was_put_may_be_painted_over(tmp_path):
    buffer, keys = np.zeros((40, 64, 3), np.uint8), []
    with FrameWriter(tmp_path / "f") as writer:
        for frame in typing(5, 40, 64):
            buffer[:] = frame
            keys.append(writer.put(buffer))
            buffer[:] = 7
    for key, frame in zip(keys, typing(5, 40, 64), strict=True):
        assert np.array_equal(Frames(tmp_path / "f").get(key), frame)


def test_equal_pixels_in_another_shape_are_another_frame(tmp_path):
    flat = np.zeros((2, 8, 3), np.uint8)
    first, second = write(tmp_path / "f", [flat, flat.reshape(8, 2, 3)])
    assert first != second
    assert Frames(tmp_path / "f").get(second).shape == (8, 2, 3)


def test_a_view_with_strides_is_kept_as_it_looks(tmp_path):
    view = noise(1)[::2, ::-1]
    (key,) = write(tmp_path / "f", [view])
    assert np.array_equal(Frames(tmp_path / "f").get(key), view)


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((4, 4, 3), np.float32),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        "png",
    ],
)
def test_what_is_no_frame_is_refused(tmp_path, frame):
    with FrameWriter(tmp_path / "f") as writer, pytest.raises(RecordError, match="uint8"):
        writer.put(frame)
    assert (tmp_path / "f").stat().st_size == 0


def test_a_file_is_never_written_over(tmp_path):
    (tmp_path / "f").write_text("mine")
    with pytest.raises(RecordError, match="File exists"):
        FrameWriter(tmp_path / "f")
    assert (tmp_path / "f").read_text() == "mine"


def test_a_reader_travels_between_processes(tmp_path):
    (key,) = write(tmp_path / "f", [noise(1)])
    reader = Frames(tmp_path / "f")
    reader.get(key)
    assert np.array_equal(pickle.loads(pickle.dumps(reader)).get(key), noise(1))


# --- few bytes, and not many to read


def test_a_frame_takes_what_changed(tmp_path):
    frames = typing(20, 800, 1280)
    write(tmp_path / "f", [frames[0]])
    first = (tmp_path / "f").stat().st_size
    write(tmp_path / "g", frames)
    assert (tmp_path / "g").stat().st_size - first < 19 * 400


def test_equal_frames_lie_in_the_file_once(tmp_path):
    one, other, third = typing(3)
    keys = write(tmp_path / "f", [one, other, one, one, other, third])
    assert len(set(keys)) == 3
    assert [entry.key for entry in Frames(tmp_path / "f").entries()] == [keys[0], keys[1], keys[5]]


def test_no_frame_is_far_from_a_key_frame(tmp_path):
    keys = write(tmp_path / "f", typing(100))
    entries = Frames(tmp_path / "f").entries()
    depths = []
    for entry in entries:
        depths.append(1 if entry.base == entry.number else depths[entry.base] + 1)
    assert len(set(keys)) == 100
    assert max(depths) == 32
    assert depths.count(1) == 4


# --- the format


def by_the_book(path: Path) -> dict[str, np.ndarray]:
    """Another reader, written from the description in `frame_file` and from nothing else."""
    data, at, screens, found = path.read_bytes(), 0, [], {}
    while at < len(data):
        head = data[at : at + 60]
        magic, number, base, height, width, _, size, key, checksum, own = struct.unpack("<4s6I16sQQ", head)
        body = data[at + 60 : at + 60 + size]
        assert magic == b"DGT1"
        assert number == len(screens)
        assert checksum == xxhash.xxh3_64_intdigest(body)
        assert own == xxhash.xxh3_64_intdigest(head[:52])
        if base == number:
            pixels = np.frombuffer(zstandard.decompress(body), np.uint8).reshape(height, width, 3)
            screen = coloured(pixels)
        else:
            screen = screens[base].copy()
            tiles = -(-height // 32), -(-width // 32)
            count = -(-tiles[0] * tiles[1] // 8)
            bits = np.unpackbits(np.frombuffer(body[:count], np.uint8))[: tiles[0] * tiles[1]].reshape(tiles)
            places = list(rectangles(bits))
            old = b"".join(colourless(screen[place]).tobytes() for place in places)
            dictionary = zstandard.ZstdCompressionDict(old, zstandard.DICT_TYPE_RAWCONTENT) if len(old) >= 8 else None
            new = zstandard.ZstdDecompressor(dictionary).decompress(body[count:])
            for place in places:
                shape = screen[place].shape
                length = shape[0] * shape[1] * 3
                screen[place] = coloured(np.frombuffer(new[:length], np.uint8).reshape(shape))
                new = new[length:]
            assert new == b""
        assert key.hex() == xxhash.xxh3_128_hexdigest(f"{height}x{width}:".encode() + screen.tobytes())
        screens.append(screen)
        found[key.hex()] = screen
        at += 60 + size
    return found


def rectangles(bits: np.ndarray):
    for row in range(bits.shape[0]):
        column = 0
        while column < bits.shape[1]:
            end = column
            while end < bits.shape[1] and bits[row, end]:
                end += 1
            if end > column:
                yield slice(row * 32, row * 32 + 32), slice(column * 32, end * 32)
            column = end + 1


def coloured(pixels: np.ndarray) -> np.ndarray:
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    return np.stack([red + green, green, blue + green], axis=-1)


def colourless(pixels: np.ndarray) -> np.ndarray:
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    return np.stack([red - green, green, blue - green], axis=-1)


@settings(max_examples=60, deadline=None)
@given(episodes())
def test_the_description_is_enough_to_read_a_file(tmp_path_factory, frames):
    path = tmp_path_factory.mktemp("frames") / "frames.tiles"
    keys = write(path, frames)
    found = by_the_book(path)
    for key, frame in zip(keys, frames, strict=True):
        assert np.array_equal(found[key], frame)


# --- what happens to the bytes


def test_a_file_torn_at_any_byte_of_its_last_record_is_what_it_was_before(tmp_path):
    frames = [*typing(3, 40, 64), noise(1)]
    path = tmp_path / "f"
    keys = write(path, frames)
    whole = path.read_bytes()
    last = Frames(path).entries()[-1]
    for cut in range(last.at, last.end):
        path.write_bytes(whole[:cut])
        reader = Frames(path)
        assert [entry.key for entry in reader.entries()] == keys[:3]
        assert np.array_equal(reader.get(keys[2]), frames[2])
        with pytest.raises(RecordError, match="there is no frame") as error:
            reader.get(keys[3])
    assert str(path) in str(error.value)
    assert "record it again" in str(error.value)


def test_a_flipped_byte_is_never_shown(tmp_path):
    frames = typing(4, 40, 64)
    path = tmp_path / "f"
    keys = write(path, frames)
    whole, entries = path.read_bytes(), Frames(path).entries()
    for at in range(len(whole)):
        damaged = bytearray(whole)
        damaged[at] ^= 1 << at % 8
        path.write_bytes(damaged)
        seen = [_look(path, key) for key in keys]
        # What was written before the damage is still there; what came after it was a change of what is lost.
        left = next(entry.number for entry in entries if at < entry.end)
        assert [frame is not None for frame in seen] == [number < left for number in range(4)]
        assert all(np.array_equal(frame, frames[number]) for number, frame in enumerate(seen[:left]))


def _look(path: Path, key: str) -> np.ndarray | None:
    try:
        return Frames(path).get(key)
    except RecordError:
        return None


def test_damage_is_named(tmp_path):
    path = tmp_path / "f"
    keys = write(path, typing(3, 40, 64))
    whole, (_, second, _) = path.read_bytes(), Frames(path).entries()
    damages = {
        f"no record begins at byte {second.at}": whole[: second.at] + b"x" + whole[second.at + 1 :],
        f"the record at byte {second.at} is number 0": whole[: second.at] + whole,
        f"the data of record 1, from byte {second.at} on, fails": whole[: second.end - 1] + b"x" + whole[second.end :],
    }
    for message, damage in damages.items():
        path.write_bytes(damage)
        with pytest.raises(RecordError, match=message):
            Frames(path).get(keys[2])
    path.unlink()
    with pytest.raises(RecordError, match="No such file"):
        Frames(path).get(keys[2])
    with pytest.raises(RecordError, match="No such file"):
        Frames(path).entries()


def test_a_change_of_another_screen_is_not_applied_to_this_one(tmp_path):
    one, other, changed = tmp_path / "one", tmp_path / "other", noise(2)
    changed[3, 3] = 0
    write(one, [noise(1)])
    keys = write(other, [noise(2), changed])
    second = Frames(other).entries()[1]
    assert second.base == 0
    one.write_bytes(one.read_bytes() + other.read_bytes()[second.at :])
    with pytest.raises(RecordError, match=r"other pixels|zstd"):
        Frames(one).get(keys[1])


def test_a_reader_follows_a_file_that_grows_and_one_that_is_replaced(tmp_path):
    path, frames = tmp_path / "f", typing(40)
    with FrameWriter(path) as writer:
        reader = Frames(path)
        for frame in frames:
            key = writer.put(frame)
            assert np.array_equal(reader.get(key), frame)
            assert len(reader.entries()) <= 40
    keys = write(tmp_path / "new", [noise(5), *frames], level=19)
    (tmp_path / "new").replace(path)
    for key, frame in zip(keys, [noise(5), *frames], strict=True):
        assert np.array_equal(reader.get(key), frame)


FULL = """
import resource, sys
import numpy as np
from deskgym.errors import RecordError
from deskgym.recorder import FrameWriter

def noise(number):
    return np.random.default_rng(number).integers(0, 256, (40, 64, 3), dtype=np.uint8)

with FrameWriter(sys.argv[1]) as writer:
    print(writer.put(noise(0)))
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, resource.RLIM_INFINITY))
    try:
        writer.put(noise(1))
    except RecordError as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print(writer.put(noise(2)))
"""


def test_a_frame_that_does_not_fit_leaves_the_file_as_it_was(tmp_path, python):
    path = tmp_path / "f"
    first, message, third = python(FULL, str(path)).stdout.splitlines()
    assert message == f"{path} cannot be written: File too large"
    assert np.array_equal(Frames(path).get(first), noise(0))
    assert np.array_equal(Frames(path).get(third), noise(2))
    assert len(Frames(path).entries()) == 2
