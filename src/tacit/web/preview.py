"""The picture that other sites show beside a link to the shop, where the page has none of its own that they take."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

LARGEST = 512 * 1024
_KINDS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


class BadPreview(ValueError):
    """The file cannot be the preview; the message is a clause after its name."""


@dataclass(frozen=True, slots=True)
class Preview:
    """``kind``: its media type; ``digest`` changes with the content."""

    content: bytes
    kind: str
    digest: str

    @property
    def path(self) -> str:
        return f"/preview?v={self.digest}"


def read(path: Path) -> Preview:
    """The picture in a file. Raises BadPreview, which names the reason and the way out."""
    try:
        if not path.is_file():
            raise BadPreview("is no file; name a JPEG or PNG file")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise BadPreview(f"cannot be read: {error.strerror}") from None
    if len(content) > LARGEST:
        raise BadPreview(
            f"is larger than {LARGEST // 1024} KiB; save it smaller, 1200 × 630 pixels are plenty"
        )
    kind = next((kind for begin, kind in _KINDS.items() if content.startswith(begin)), "")
    if not kind:
        raise BadPreview("is neither JPEG nor PNG, and previews take nothing else; save it as one of them")
    return Preview(content, kind, hashlib.sha256(content).hexdigest()[:12])
