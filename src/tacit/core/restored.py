"""What a restored database must set right before it is used: the transaction ids the journal goes by.

Another cluster counts its transactions anew, so a journal copied there would lie ahead of everything written
next, and its readers would miss that. Here every row gets a small id instead, below any a cluster gives out,
so that each reader has read exactly what it had read.
"""

from __future__ import annotations

JOURNAL_READY = """
SET search_path = public;
CREATE TEMP TABLE places ON COMMIT DROP AS
  SELECT xid, entry, 2 * row_number() OVER (ORDER BY xid, entry) AS place
    FROM (SELECT DISTINCT xid, entry FROM core_journalreader) positions;
ALTER TABLE core_journalentry DISABLE TRIGGER journal_append_only;
-- The last row a reader has read gets an even number, the rows after it the odd one that follows.
UPDATE core_journalentry e SET xid = coalesce(
  (SELECT place FROM places p WHERE (p.xid, p.entry) = (e.xid, e.id)),
  (SELECT 1 + coalesce(max(place), 0) FROM places p WHERE (p.xid, p.entry) < (e.xid, e.id))
)::text::xid8;
ALTER TABLE core_journalentry ENABLE TRIGGER journal_append_only;
UPDATE core_journalreader r SET xid = place::text::xid8
  FROM places p WHERE (p.xid, p.entry) = (r.xid, r.entry);
"""
"""Statements for the transaction of a restore, before it commits; the owner of the tables may run them."""

HAS_JOURNAL = "to_regclass('public.core_journalentry') IS NOT NULL"
"""An expression: whether a database holds a shop's journal."""
ERASED = """
SELECT data->>'person', data->'orders', at FROM core_journalentry WHERE kind = 'person.erased' ORDER BY id
"""
"""(person or null, list of order numbers, when) of every erasure: what a backup's file of erasures must name."""
