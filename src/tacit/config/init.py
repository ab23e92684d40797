"""`tacit init`: asks what makes the shop the merchant's, and keeps the answers in TACIT_HOME/settings.env.

Every answer is read by the function that reads the setting, so that what is taken here works everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from tacit.config import environment, settings_file
from tacit.config.environment import SettingError
from tacit.web import theme

NONE = "none"
"""Typed where nothing is wanted any more."""


@dataclass(frozen=True, slots=True)
class Question:
    """One setting: what is asked, what is taken when nobody answers, and the function that reads it."""

    name: str
    asked: str
    default: str
    read: Callable[[str, str], object]


def _mark(name: str, default: str) -> object:
    del default
    return environment.mark(name)


QUESTIONS = (
    Question("TACIT_SHOP_NAME", "The shop's name", "Nordwind", environment.short),
    Question("TACIT_URL", "Its address, as people will see it", "http://127.0.0.1:8000", environment.origin),
    Question(
        "TACIT_SHOP_MAIL", "The e-mail address a person answers", "shop@example.com", environment.address
    ),
    Question("TACIT_COUNTRY", "The country most parcels go to, two capitals", "DE", environment.country),
    Question("TACIT_CURRENCY", "The currency, three capitals", "EUR", environment.currency),
    Question("TACIT_ACCENT", "The colour of its buttons", theme.ACCENT, environment.colour),
    Question("TACIT_GROUND", "The colour of its pages, a light one", theme.GROUND, environment.ground),
    Question("TACIT_MARK", "An SVG or PNG file with its mark", "", _mark),
)


def checked(question: Question, answer: str) -> str:
    """The answer as the settings take it: read from the variable by the setting's own function.

    Raises SettingError.
    """
    answer = answer.strip()
    if question.name == "TACIT_MARK" and answer:
        answer = os.path.abspath(Path(answer).expanduser())  # noqa: PTH100 - resolve() would pin a link
    before = os.environ.get(question.name)
    os.environ[question.name] = answer
    try:
        found = question.read(question.name, question.default)
    finally:
        if before is None:
            del os.environ[question.name]
        else:
            os.environ[question.name] = before
    return found if isinstance(found, str) else answer


def present(home: Path) -> dict[str, str]:
    """What answers there are already: those of the file, else (or where it is empty) the defaults.

    Raises SettingError.
    """
    kept = settings_file.values(home)
    return {each.name: kept.get(each.name) or each.default for each in QUESTIONS}


def colours(accent: str) -> str:
    """In words, what the shop makes of an accent in both schemes."""
    light, dark = theme.light_accent(accent), theme.dark_accent(accent)
    if accent == theme.ACCENT:
        return f"White on it has contrast {theme.contrast(light.text, accent):.1f}; {theme.ENOUGH} is needed."

    def shown(name: str, made: theme.Accent) -> str:
        same = "as it is" if made.plain == accent else f"as {made.plain}"
        return f"{same} in {name} pages (contrast {theme.contrast(made.plain, made.text):.1f})"

    return f"Shown {shown('light', light)} and {shown('dark', dark)}; {theme.ENOUGH} is needed to read."


def readable(paper: str, accent: str) -> str:
    """In words, how well the shop's texts and its accent can be read on light pages of this colour."""
    text, shown = theme.least_contrast(paper), theme.light_accent(accent, theme.surfaces(paper)).plain
    return (
        f"Texts on it have contrast {text:.1f} and more, buttons {theme.contrast(shown, paper):.1f}"
        f"{'' if shown == accent else f' (shown as {shown})'}; {theme.ENOUGH} is needed to read. "
        "Dark pages keep their own ground."
    )


def ask(home: Path) -> dict[str, str]:
    """Ask on the terminal, a bad answer again with the reason. Raises SettingError when the file is broken."""
    known = present(home)
    answers: dict[str, str] = {}
    for question in QUESTIONS:
        answers[question.name] = _asked(question, known[question.name])
        match question.name:
            case "TACIT_ACCENT":
                click.echo(f"  {colours(answers['TACIT_ACCENT'])}")
            case "TACIT_GROUND":
                click.echo(f"  {readable(answers['TACIT_GROUND'], answers['TACIT_ACCENT'])}")
    return answers


def taken(home: Path) -> dict[str, str]:
    """The present answers without asking. Raises SettingError when one of them does not do."""
    return {
        each.name: checked(each, value) for each, value in zip(QUESTIONS, present(home).values(), strict=True)
    }


def keep(home: Path, answers: Mapping[str, str]) -> Path:
    """Write what differs from the defaults or stands there already; only the file's owner may read it.

    Raises SettingError.
    """
    comments = {each.name: each.asked for each in QUESTIONS}
    usual = {each.name: each.default for each in QUESTIONS}
    there = settings_file.values(home)
    wanted = {name: value for name, value in answers.items() if name in there or value != usual[name]}
    try:
        return settings_file.write(home, wanted, comments=comments)
    except OSError as error:
        raise SettingError(
            f"{home} cannot be written: {error.strerror}. Set TACIT_HOME to a folder of your own."
        ) from None


def overridden(answers: Mapping[str, str]) -> list[str]:
    """Which of the answers the environment overrules."""
    return [name for name, value in answers.items() if (os.environ.get(name) or value) != value]


def _asked(question: Question, default: str) -> str:
    def read(answer: str) -> str:
        if question.name == "TACIT_MARK" and answer.strip().lower() in {"", NONE}:
            return ""
        try:
            return checked(question, answer)
        except SettingError as error:
            raise click.BadParameter(str(error).removeprefix(f"{question.name} ")) from None

    optional = question.name == "TACIT_MARK"
    answer: str = click.prompt(
        question.asked + (f" ({NONE} for its first letter)" if optional else ""),
        default=default or (NONE if optional else None),
        value_proc=read,
    )
    return answer
