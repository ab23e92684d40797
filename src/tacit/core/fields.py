"""Column types PostgreSQL has and Django does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    Field = models.Field[str, str]
    ArrayField = models.Field[list[str], list[str]]
else:
    Field = ArrayField = models.Field


class TransactionIdField(Field):
    """PostgreSQL's ``xid8``: a 64-bit transaction id that never wraps. Read as a decimal string."""

    def db_type(self, connection: Any) -> str:
        return "xid8"

    def select_format(self, compiler: Any, sql: str, params: Any) -> tuple[str, Any]:
        return f"({sql})::text", params


class CurrentTransactionId(models.Func):
    """``pg_current_xact_id()``, for a column default."""

    function = "pg_current_xact_id"
    template = "%(function)s()"
    output_field = TransactionIdField()


class TextSearchField(Field):
    """PostgreSQL's ``tsvector``: words with their places and weights, as its text form."""

    def db_type(self, connection: Any) -> str:
        return "tsvector"


class TextArrayField(ArrayField):
    """PostgreSQL's ``text[]``."""

    def db_type(self, connection: Any) -> str:
        return "text[]"
