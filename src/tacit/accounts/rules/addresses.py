"""What an address needs so that we keep it."""

from __future__ import annotations

from tacit.accounts.types import AccountError
from tacit.core import address as addresses
from tacit.core.address import Address, AddressRefusal

MOST_ADDRESSES = 20
LONGEST_LABEL = 40


def check_address(typed: Address) -> Address:
    """The address with white space folded. Raises AccountError naming the field."""
    try:
        return addresses.checked(typed)
    except AddressRefusal as refused:
        raise AccountError(refused.field, refused.code, **refused.parameters) from None


def check_label(typed: str) -> str:
    """A name for an address, '' for none. Raises AccountError."""
    try:
        return addresses.one_line("label", typed, longest=LONGEST_LABEL, required=False)
    except AddressRefusal as refused:
        raise AccountError(refused.field, refused.code, **refused.parameters) from None
