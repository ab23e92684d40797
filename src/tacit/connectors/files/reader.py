"""From a path to lines of text, holding no more than a block, whatever the file turns out to be. No Django."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

UNPACKED_LIMIT = 2 * 1024**3
"""Largest file read, in bytes after unpacking."""
LONGEST_LINE = 8 * 1024
"""In bytes, unless said otherwise. Nothing that is one order line is longer."""

_BLOCK = 256 * 1024
_MAGIC = {
    b"PK\x03\x04": "it is a ZIP archive or an Excel workbook; save it as CSV (UTF-8) first",
    b"BZh": "it is packed with bzip2; unpack it or pack it with gzip",
    b"\xfd7zX": "it is packed with xz; unpack it or pack it with gzip",
    b"\x28\xb5\x2f\xfd": "it is packed with zstd; unpack it or pack it with gzip",
}


class UnusableFile(Exception):
    """The file as a whole cannot be read; the message is one sentence for the person who named it."""


def lines(
    path: Path,
    *,
    encoding: str = "utf-8",
    unpacked_limit: int = UNPACKED_LIMIT,
    longest_line: int = LONGEST_LINE,
    progress: Callable[[int], None] = lambda _bytes: None,
) -> Iterator[tuple[int, str]]:
    """Number (from 1) and text of every line, without its end. ``progress`` hears how many bytes of the file,
    as it lies on disk, have been read.

    A file that begins like gzip is unpacked. Raises UnusableFile when it is missing, unreadable, damaged,
    larger unpacked than ``unpacked_limit``, not in ``encoding``, or has a line above ``longest_line``
    bytes.
    """
    with _opened(path) as raw:
        number = 0
        for block in _whole_lines(_unpacked(raw, path, unpacked_limit, progress), path, longest_line):
            for text in _decoded(block, path, encoding, number):
                number += 1
                yield number, text


def size(path: Path) -> int:
    """Bytes on disk. Raises UnusableFile."""
    with _opened(path) as raw:
        return raw.seek(0, 2)


def _opened(path: Path) -> BinaryIO:
    try:
        if path.is_dir():
            raise UnusableFile(f"{path} is a folder, not a file.")
        if path.exists() and not path.is_file():
            raise UnusableFile(f"{path} is not an ordinary file.")
        return path.open("rb")
    except FileNotFoundError:
        raise UnusableFile(f"There is no file {path}.") from None
    except (OSError, ValueError) as error:
        raise UnusableFile(f"{path} cannot be opened: {_reason(error)}.") from None


def _unpacked(raw: BinaryIO, path: Path, limit: int, progress: Callable[[int], None]) -> Iterator[bytes]:
    try:
        first = raw.read(4)
        raw.seek(0)
        for magic, advice in _MAGIC.items():
            if first.startswith(magic):
                raise UnusableFile(f"{path} cannot be read: {advice}.")
        packed = first.startswith(b"\x1f\x8b")
        stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if packed else raw
        read = 0
        while block := stream.read(_BLOCK):
            read += len(block)
            if read > limit:
                size = f"{limit:,} bytes{' when unpacked' if packed else ''}"
                raise UnusableFile(f"{path} is larger than {size}; --unpacked-limit raises the limit.")
            progress(raw.tell())
            yield block
    except EOFError:
        raise UnusableFile(f"{path} is cut off: its gzip data ends too early; copy it again.") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise UnusableFile(f"{path} is damaged: {_reason(error)}; copy it again.") from None
    except OSError as error:
        raise UnusableFile(f"{path} cannot be read: {_reason(error)}.") from None


def _whole_lines(blocks: Iterator[bytes], path: Path, longest: int) -> Iterator[bytes]:
    """The same bytes in blocks that end where a line ends (the last one may not)."""
    rest = b""
    for block in blocks:
        end = block.rfind(b"\n") + 1
        if not end:
            rest += block
        else:
            yield rest + block[:end]
            rest = block[end:]
        if len(rest) > longest:
            raise UnusableFile(
                f"{path} has a line longer than {longest:,} bytes; it is another kind of file."
            )
    if rest:
        yield rest


def _decoded(block: bytes, path: Path, encoding: str, before: int) -> list[str]:
    if before == 0:
        block = block.removeprefix(codecs.BOM_UTF8)
    try:
        text = block.decode(encoding)
    except UnicodeDecodeError as error:
        number = before + block.count(b"\n", 0, error.start) + 1
        place = error.start - block.rfind(b"\n", 0, error.start)
        raise UnusableFile(
            f"{path} is not {encoding.upper()} text: line {number}, byte {place} is"
            f" 0x{block[error.start]:02x}; save it as {encoding.upper()}."
        ) from None
    found = text.split("\n")
    if not found[-1]:
        found.pop()
    return [line.removesuffix("\r") for line in found]


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).rstrip(".")
