"""Addresses of static files, looked up once a process: they change only with a new start."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it comes without types
    """Compressed files under names with a hash of their content."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._addresses: dict[str, str] = {}

    def url(self, name: str | None, force: bool = False) -> str:
        """Where a file is served. Raises ValueError when there is none."""
        if name is None or force:
            return str(super().url(name, force))
        found = self._addresses.get(name)
        if found is None:
            found = self._addresses[name] = str(super().url(name))
        return found
