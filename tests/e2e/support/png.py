"""Small screenshots for doc/screenshots: written anew with their most frequent colours."""

import collections
import os
import struct
import zlib

from .site import TOP

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS = 256


def chunks(data):
    at = len(SIGNATURE)
    while at < len(data):
        length, = struct.unpack_from(">I", data, at)
        yield data[at + 4:at + 8], data[at + 8:at + 8 + length]
        at += length + 12


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def paeth(left, up, corner):
    guess = left + up - corner
    return min((left, up, corner), key=lambda value: abs(guess - value))


def unfiltered(raw, width, height, size):
    """The bytes of each line, filtered according to PNG, section 9."""
    before, at = bytes(width * size), 0
    for _ in range(height):
        kind, line = raw[at], bytearray(raw[at + 1:at + 1 + width * size])
        at += 1 + width * size
        for i in range(len(line)) if kind else ():
            left, corner = (line[i - size], before[i - size]) if i >= size else (0, 0)
            line[i] = line[i] + (left, before[i], (left + before[i]) // 2, paeth(left, before[i], corner))[kind - 1] & 255
        before = bytes(line)
        yield before


def small(data):
    parts = collections.defaultdict(bytes)
    for kind, body in chunks(data):
        parts[kind] += body
    width, height, depth, colour, *others = struct.unpack(">IIBBBBB", parts[b"IHDR"])
    assert data.startswith(SIGNATURE) and depth == 8 and colour in (2, 6) and others == [0, 0, 0]
    size = 3 if colour == 2 else 4
    lines = [[line[i:i + 3] for i in range(0, len(line), size)]
             for line in unfiltered(zlib.decompress(parts[b"IDAT"]), width, height, size)]
    counts = collections.Counter(pixel for line in lines for pixel in line)
    palette = [pixel for pixel, _ in counts.most_common(COLOURS)]
    index = {pixel: number for number, pixel in enumerate(palette)}
    for pixel in counts:
        if pixel not in index:
            index[pixel] = min(range(len(palette)), key=lambda n: sum((a - b)**2 for a, b in zip(palette[n], pixel)))
    body = b"".join(b"\0" + bytes(index[pixel] for pixel in line) for line in lines)
    return (SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)) +
            chunk(b"PLTE", b"".join(palette)) + chunk(b"IDAT", zlib.compress(body, 9)) + chunk(b"IEND", b""))


def keep(path):
    """Puts the screenshot into doc/screenshots, if this run writes them."""
    if os.environ.get("PINTLE_SCREENSHOTS") != "write":
        return
    with open(path, "rb") as screenshot:
        data = small(screenshot.read())
    assert len(data) < 60 * 1024, path
    folder = os.path.join(TOP, "doc", "screenshots")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, os.path.basename(path)), "wb") as out:
        out.write(data)
