"""Paths of categories, found among the shop's or made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tacit.accounts.types import Visitor
from tacit.catalog.actions import save_category
from tacit.catalog.queries import whole
from tacit.catalog.types import Shelf
from tacit.connectors.product_files.cells import Step, Unusable
from tacit.connectors.product_files.drafts import Draft

_LONGEST_SLUG = 80


class Shelves:
    """The shop's categories during one import."""

    def __init__(self, visitor: Visitor) -> None:
        self._shelves = {shelf.slug: shelf for shelf in whole.shelves(visitor)}
        self.created = 0
        self.changed = 0

    def check(self, path: Iterable[Step]) -> None:
        """Raises Unusable for a path that contradicts the categories there are."""
        above = ""
        for step in path:
            there = self._shelves.get(step.slug) if step.slug else None
            if there and (there.parent, there.name) != (above, step.name):
                raise Unusable(f"the category {step.slug} is called {there.name!r} or stands elsewhere")
            found = there or self._find(step, above)
            above = found.slug if found else "\0"  # below something new nothing can stand yet

    def put(self, draft: Draft) -> str:
        """The slug of the last step; what is missing is made, translations and sensitivity are added."""
        slug = ""
        for number, step in enumerate(draft.path or ()):
            shelf = self._find(step, slug) or self._make(step, slug)
            translations = {language: dict(texts) for language, texts in shelf.translations.items()}
            for language, names in draft.shelf_names.items():
                if names[number]:
                    translations.setdefault(language, {})["name"] = names[number]
            wanted = replace(shelf, translations=translations)
            if wanted != shelf:
                self._save(wanted)
                self.changed += 1
            slug = shelf.slug
        if slug and draft.sensitive and not self.is_sensitive(slug):
            self._save(replace(self._shelves[slug], sensitive=True))
            self.changed += 1
        return slug

    def path(self, slug: str) -> list[Shelf]:
        """From the top to the category."""
        steps: list[Shelf] = []
        while slug and len(steps) < 10:
            steps.insert(0, self._shelves[slug])
            slug = self._shelves[slug].parent
        return steps

    def is_sensitive(self, slug: str) -> bool:
        """Itself or one above it."""
        return any(shelf.sensitive for shelf in self.path(slug))

    def steps(self, slug: str) -> list[Step]:
        """The path as a file tells it: with the slug where the name does not lead to it."""
        return [Step(shelf.name, "" if self._natural(shelf) else shelf.slug) for shelf in self.path(slug)]

    def _natural(self, shelf: Shelf) -> bool:
        same = [
            each for each in self._shelves.values() if (each.parent, each.name) == (shelf.parent, shelf.name)
        ]
        return len(same) == 1 and whole.slug_of(shelf.name)[:_LONGEST_SLUG] == shelf.slug

    def _find(self, step: Step, above: str) -> Shelf | None:
        if step.slug:
            return self._shelves.get(step.slug)
        for shelf in self._shelves.values():
            if (shelf.parent, shelf.name) == (above, step.name):
                return shelf
        return None

    def _make(self, step: Step, above: str) -> Shelf:
        wanted = step.slug or whole.slug_of(step.name)[:_LONGEST_SLUG].strip("-") or "category"
        slug, number = wanted, 1
        while slug in self._shelves:
            number += 1
            slug = f"{wanted[: _LONGEST_SLUG - 6]}-{number}"
        last = max((shelf.position for shelf in self._shelves.values()), default=-1)
        self.created += 1
        shelf = Shelf(slug, step.name, above, last + 1, sensitive=False, translations={})
        self._save(shelf)
        return shelf

    def _save(self, shelf: Shelf) -> None:
        save_category(
            slug=shelf.slug,
            name=shelf.name,
            position=shelf.position,
            parent=shelf.parent,
            sensitive=shelf.sensitive,
            translations=shelf.translations,
        )
        self._shelves[shelf.slug] = shelf
