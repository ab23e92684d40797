"""Reading settings from the environment, with errors that say what to write instead."""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from tacit.web.mark import Mark
    from tacit.web.preview import Preview

# fmt: off
KNOWN = frozenset(
    {
        "TACIT_ACCENT", "TACIT_BACKUPS", "TACIT_CAPTURE", "TACIT_CARRIER", "TACIT_CHROMIUM",
        "TACIT_COUNTRY", "TACIT_CURRENCIES", "TACIT_CURRENCY", "TACIT_CUT_OFF", "TACIT_DEMO",
        "TACIT_FRAGMENTS_OFF", "TACIT_GROUND", "TACIT_HOME", "TACIT_HOSTS", "TACIT_KEEP_TAX_YEARS",
        "TACIT_LOG", "TACIT_MAIL_URL", "TACIT_MARK", "TACIT_MARK_ALONE", "TACIT_NO_BROWSER", "TACIT_PAGES",
        "TACIT_PAGE_CACHE", "TACIT_PARENT", "TACIT_PAYMENT_PROVIDER", "TACIT_PRACTICE_ALLOWED",
        "TACIT_PRACTICE_SECRET", "TACIT_PRACTICE_URL", "TACIT_PRACTICE_WEBHOOK", "TACIT_PREVIEW",
        "TACIT_PROXY", "TACIT_RATE", "TACIT_SECRET_KEY", "TACIT_SHOP_MAIL", "TACIT_SHOP_NAME",
        "TACIT_SOCKET_DIR", "TACIT_STAFF", "TACIT_STRIPE_API", "TACIT_STRIPE_KEY",
        "TACIT_STRIPE_WEBHOOK_SECRET", "TACIT_TEST_BEGIN", "TACIT_TEST_HOME", "TACIT_TIME_ZONE",
        "TACIT_URL"
    }
)
# fmt: on
"""Every variable of ours; tests compare it with docs/settings.md."""

LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
LONGEST_ADDRESS = 254
_HOST = re.compile(r"([a-z0-9_]([a-z0-9_-]{0,62}[a-z0-9])?\.?)+\Z|\[[0-9a-f:.]+\]\Z", re.IGNORECASE)
_NO_COUNTRY = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
"""What CLDR lists beside countries."""


class SettingError(Exception):
    """An environment variable cannot be used; the message names it, the reason and the way out."""


def text(name: str, default: str) -> str:
    """The variable, or ``default`` when unset or empty. Control characters are refused."""
    value = os.environ.get(name) or default
    if any(ord(character) < 32 for character in value):
        raise SettingError(f"{name} contains a control character; write it on one line")
    return value


def flag(name: str, *, default: bool) -> bool:
    """1, true, yes, on or 0, false, no, off."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise SettingError(f"{name} is {value!r}; write 1 or 0")


def choice(name: str, choices: tuple[str, ...], default: str) -> str:
    """One of ``choices``."""
    value = text(name, default)
    if value not in choices:
        raise SettingError(f"{name} is {value!r}; choose one of {', '.join(choices)}")
    return value


def words(name: str, default: str) -> list[str]:
    """A list separated by spaces or commas."""
    return text(name, default).replace(",", " ").split() if text(name, default) else []


def origin(name: str, default: str) -> str:
    """http(s)://host[:port], without the slash at its end."""
    value = text(name, default).rstrip("/")
    way_out = "write the shop's address like https://shop.example.com"
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise SettingError(f"{name} is {value!r}, whose host or port cannot be read; {way_out}") from None
    if parts.scheme not in {"http", "https"}:
        raise SettingError(f"{name} is {value!r}, which does not begin with http:// or https://; {way_out}")
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        raise SettingError(f"{name} is {value!r}, which is more than scheme, host and port; {way_out}")
    if not _HOST.match(_bracketed(host)) or port == 0:
        raise SettingError(f"{name} is {value!r}, whose host or port is none; {way_out}")
    return value


def hosts(name: str, *, of: str) -> list[str]:
    """The host of the address ``of``, this machine's own names, and those the variable names besides."""
    found = [each.lower() for each in words(name, "")]
    for each in found:
        if not _HOST.match(each.removeprefix(".")):
            raise SettingError(
                f"{name} names {each!r}, which is no host name; write names like shop.example.com, "
                "without https:// and without a port"
            )
    return [_bracketed(urlsplit(of).hostname or ""), *LOCAL_HOSTS, *found]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def currency(name: str, default: str) -> str:
    """An ISO 4217 currency."""
    value = text(name, default)
    _check_currency(name, value)
    return value


def currencies(name: str, *, first: str, demo: bool) -> tuple[str, ...]:
    """The currencies a shop sells in, none twice; the variable ``first``, where it is set, names the first.

    Neither set: EUR, in the demo GBP as well.
    """
    listed = words(name, "" if text(first, "") else "EUR GBP" if demo else "EUR")
    for each in listed:
        _check_currency(name, each)
    leading = [currency(first, "")] if text(first, "") else []
    if not leading and not listed:
        raise SettingError(f"{name} names no currency; write one or more like EUR GBP")
    return tuple(dict.fromkeys([*leading, *listed]))


def _check_currency(name: str, value: str) -> None:
    from tacit.core.money import MoneyError, exponent

    try:
        exponent(value)
    except MoneyError:
        raise SettingError(
            f"{name} is {value!r}, which is no ISO 4217 currency; write three capitals like EUR"
        ) from None


def country(name: str, default: str) -> str:
    """An ISO 3166 alpha-2 country."""
    from babel import Locale

    value = text(name, default)
    if not re.fullmatch("[A-Z]{2}", value) or value in _NO_COUNTRY or value not in Locale("en").territories:
        raise SettingError(f"{name} is {value!r}, which is no ISO 3166 country; write two capitals like DE")
    return value


def whole(name: str, default: int, *, least: int, most: int) -> int:
    """A whole number from ``least`` to ``most``."""
    value = text(name, str(default)).strip()
    if not re.fullmatch("[0-9]{1,9}", value) or not least <= int(value) <= most:
        raise SettingError(f"{name} is {value!r}; write a whole number from {least} to {most}")
    return int(value)


_ZONES = {"DE": "Europe/Berlin", "ES": "Europe/Madrid", "PT": "Europe/Lisbon"}
"""Of countries with more than one time zone, where most people live by this one."""


def time_zone(name: str, *, country: str) -> str:
    """An IANA time zone; by default that of ``country`` when it has one for all, else UTC."""
    from zoneinfo import ZoneInfo

    from babel.core import get_global

    zones = get_global("territory_zones").get(country, [])
    value = text(name, zones[0] if len(zones) == 1 else _ZONES.get(country, "UTC")).strip()
    try:
        ZoneInfo(value)
    except (KeyError, OSError, ValueError):
        raise SettingError(
            f"{name} is {value!r}, which is no time zone; write one like Europe/Berlin"
        ) from None
    return value


def addresses(name: str, default: str) -> list[str]:
    """E-mail addresses, separated by spaces or commas."""
    found = words(name, default)
    for each in found:
        _check_address(name, each)
    return found


def address(name: str, default: str) -> str:
    """One e-mail address."""
    value = text(name, default).strip()
    _check_address(name, value)
    return value


def _check_address(name: str, value: str) -> None:
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email

    try:
        validate_email(value)
    except ValidationError:
        raise SettingError(
            f"{name} has {value!r}, which is no e-mail address; write one like name@example.com"
        ) from None
    if len(value) > LONGEST_ADDRESS:
        raise SettingError(
            f"{name} has an address of {len(value)} characters; {LONGEST_ADDRESS} are allowed, write a shorter one"
        )


def short(name: str, default: str, *, most: int = 60) -> str:
    """A line of at most ``most`` characters."""
    value = text(name, default).strip()
    if not value or len(value) > most:
        raise SettingError(f"{name} has {len(value)} characters; write 1 to {most}")
    return value


def colour(name: str, default: str) -> str:
    """``#rrggbb``."""
    from tacit.web import theme

    value = text(name, default)
    try:
        return theme.colour(value)
    except theme.BadColour as error:
        raise SettingError(f"{name} is {value!r}, which {error}") from None


def ground(name: str, default: str) -> str:
    """A light colour on which every text of the shop can be read, ``#rrggbb``."""
    from tacit.web import theme

    value = colour(name, default)
    try:
        theme.stylesheet(paper=value)
    except theme.BadColour as error:
        raise SettingError(f"{name} is {value!r}, which {error}") from None
    return value


def mark(name: str) -> Mark | None:
    """The merchant's mark; None when unset. A relative path begins at TACIT_HOME."""
    from tacit.web import mark as marks

    value = text(name, "").strip()
    if not value:
        return None
    try:
        return marks.read(home() / Path(value).expanduser())
    except marks.BadMark as error:
        raise SettingError(f"{name} is {value!r}, which {error}") from None


def preview(name: str, default: Path | None) -> Preview | None:
    """The picture for links to the shop; None when there is none. A relative path begins at TACIT_HOME."""
    from tacit.web import preview as previews

    value = text(name, "").strip()
    file = home() / Path(value).expanduser() if value else default
    try:
        return previews.read(file) if file else None
    except previews.BadPreview as error:
        raise SettingError(f"{name} is {value!r}, which {error}") from None


def pages(name: str, default: Path | None) -> Path | None:
    """A folder of texts; relative to TACIT_HOME. All texts in it are read once, so that a bad one is said now."""
    from tacit.web import texts

    value = text(name, "").strip()
    if not value:
        return default
    folder = home() / Path(value).expanduser()
    try:
        texts.check(folder)
    except texts.BadText as error:
        raise SettingError(f"{name} is {value!r}: {error}") from None
    return folder


PRACTICE, NONE = "practice", "none"
PUBLIC_SECRET = "practice-secret"  # noqa: S105 - public, which is why it is refused
"""What the practice provider takes when it is told none; whoever reads the source knows it."""


def adapter(name: str, *, demo: bool) -> str:
    """The name of an adapter: in a demo the practice one unless another is chosen, else none.

    Outside a demo the practice ones, which move neither money nor parcels, are refused unless
    TACIT_PRACTICE_ALLOWED is 1. Raises SettingError.
    """
    chosen = text(name, PRACTICE if demo else NONE)
    if chosen == PRACTICE and not demo and not flag("TACIT_PRACTICE_ALLOWED", default=False):
        raise SettingError(
            f"{name} is '{PRACTICE}', which only plays: it moves no money and no parcel. Write {NONE}, or, for a "
            "shop in which nothing is real, set TACIT_PRACTICE_ALLOWED=1 as well"
        )
    return chosen


def practice_secret(name: str, *, needed: bool) -> str:
    """The secret shared with the practice provider; where ``needed``, not the public one. Raises SettingError."""
    secret = text(name, PUBLIC_SECRET)
    if needed and secret == PUBLIC_SECRET:
        raise SettingError(
            f"{name} is not set or the one everybody can read, so anybody could report an order as paid; "
            "write a long random one, the same for the shop and the practice provider"
        )
    return secret


def unknown(names: Iterable[str]) -> dict[str, str]:
    """Those of ``names`` that begin like ours and are none, each with the nearest that is; '' when none is near."""
    strange = sorted(name for name in names if name.startswith("TACIT_") and name not in KNOWN)
    return {name: next(iter(difflib.get_close_matches(name, KNOWN, n=1)), "") for name in strange}


def checkout() -> Path:
    """The nearest parent folder of this file with a pyproject.toml, else the current folder."""
    for folder in Path(__file__).resolve().parents:
        if (folder / "pyproject.toml").is_file():
            return folder
    return Path.cwd()


def home() -> Path:
    """Where this installation keeps what it writes: TACIT_HOME, else ``.tacit`` in the checkout."""
    named = os.environ.get("TACIT_HOME", "").strip()
    return Path(named).expanduser().absolute() if named else checkout() / ".tacit"


def erasures() -> Path:
    """The file in which erasures are noted: in TACIT_BACKUPS, else in ``backups`` below TACIT_HOME."""
    return home() / Path(text("TACIT_BACKUPS", "backups").strip()).expanduser() / "erasures.txt"


def secret_key(folder: Path) -> str:
    """TACIT_SECRET_KEY, else one made once and kept in ``folder/secret``, readable by its owner only.

    Safe when several processes ask at once: all get the same one. Raises OSError when ``folder`` is closed.
    """
    given = os.environ.get("TACIT_SECRET_KEY")
    if given:
        if len(given) < 32:
            raise SettingError("TACIT_SECRET_KEY is shorter than 32 characters; use a long random one")
        return given
    file = folder / "secret"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".secret-{os.getpid()}-{secrets.token_hex(4)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as writer:
            writer.write(secrets.token_urlsafe(48) + "\n")
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)  # unlike rename, a link never replaces the one another process made first
        draft.unlink()
    return file.read_text(encoding="ascii").strip()
