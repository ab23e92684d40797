"""Files that are not what they should be: one clear sentence each, in little memory."""

from __future__ import annotations

import errno
import gzip
import os
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tacit.connectors.files import reader
from tacit.connectors.files.reader import UnusableFile


def refusal(path: Path, *, unpacked_limit: int = reader.UNPACKED_LIMIT) -> str:
    with pytest.raises(UnusableFile) as refused:
        for _ in reader.lines(path, unpacked_limit=unpacked_limit):
            pass
    return str(refused.value)


def saved(folder: Path, content: bytes) -> Path:
    path = folder / "orders.csv"
    path.write_bytes(content)
    return path


PACKED = gzip.compress(b"".join(b"%d,some line that does not pack to nothing\n" % n for n in range(20_000)))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (PACKED[:-9], "is cut off: its gzip data ends too early"),
        (PACKED[:2000], "is cut off"),
        (PACKED[:-8] + bytes([PACKED[-8] ^ 1]) + PACKED[-7:], "is damaged"),
        (PACKED[:50] + b"\xff\xff\xff\xff" + PACKED[54:], "is damaged"),
        (PACKED + b"not gzip", "is damaged"),
        (b"PK\x03\x04rest of a workbook", "an Excel workbook; save it as CSV"),
        (b"BZh91AY", "packed with bzip2"),
        (b"a\nb\n\xffc\n", "is not UTF-8 text: line 3, byte 1 is 0xff"),
        ("größe\n".encode("latin-1"), "line 1, byte 3 is 0xf6"),
        ("a,b\n".encode("utf-16"), "is not UTF-8 text: line 1, byte 1"),
        (b"x" * (reader.LONGEST_LINE + 1), "a line longer than 8,192 bytes"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(
    tmp_path: Path, content: bytes, says: str
) -> None:
    path = saved(tmp_path, content)
    sentence = refusal(path)
    assert says in sentence
    assert str(path) in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "is a folder" in refusal(tmp_path)
    assert "There is no file" in refusal(tmp_path / "absent")
    assert "is not an ordinary file" in refusal(pipe)
    assert "cannot be opened" in refusal(tmp_path / ("n" * 300))


def test_a_closed_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", closed)
    assert "cannot be opened: Permission denied" in refusal(tmp_path / "orders.csv")


@pytest.mark.parametrize("unit", [b"\0", b"a line\n"])
def test_a_gzip_bomb_stops_at_the_limit_in_little_memory(tmp_path: Path, unit: bytes) -> None:
    path = saved(tmp_path, gzip.compress(unit * (64 * 1024 * 1024 // len(unit))))
    assert path.stat().st_size < 400_000
    tracemalloc.start()
    try:
        sentence = refusal(path, unpacked_limit=8 * 1024 * 1024)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "larger than 8,388,608 bytes when unpacked" in sentence or "a line longer than" in sentence
    assert peak < 8 * 1024 * 1024


@settings(deadline=None)
@given(
    texts=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=30), min_size=1),
    end=st.sampled_from(["\n", "\r\n"]),
    closed=st.booleans(),
    mark=st.booleans(),
    packed=st.booleans(),
    block=st.integers(1, 40),
)
def test_lines_come_back_as_written(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[str],
    end: str,
    closed: bool,
    mark: bool,
    packed: bool,
    block: int,
) -> None:
    texts[-1] += "."  # a last line without an end must not be empty: it would be no line
    texts[0] = texts[0].lstrip("\ufeff")
    content = b"\xef\xbb\xbf" * mark + (end.join(texts) + end * closed).encode()
    path = saved(tmp_path_factory.mktemp("lines"), gzip.compress(content) if packed else content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "_BLOCK", block)
        assert list(reader.lines(path)) == list(enumerate(texts, start=1))
