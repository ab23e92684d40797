"""The search index: what products are found by, and the words they have."""

import django.db.models.deletion
from django.db import migrations, models

import tacit.core.fields

INDEXES = """
-- A row is read whole for every hit: kept in one piece, not squeezed or put elsewhere.
ALTER TABLE catalog_searchentry SET (toast_tuple_target = 8160);
ALTER TABLE catalog_searchentry ALTER COLUMN vector SET STORAGE MAIN;
-- What is saved is found at once, without a list of things still to be sorted in that every search would read.
CREATE INDEX search_entry_words ON catalog_searchentry USING gin (vector) WITH (fastupdate = off);
CREATE INDEX search_word_slips ON catalog_searchword USING gin (slips) WITH (fastupdate = off);
CREATE INDEX search_word_parts ON catalog_searchword USING gin (parts) WITH (fastupdate = off);
"""

# Five ever wider questions, each asked only when those before it found too little: 4 in the name, 3 anywhere,
# 2 in compound words too, 1 all words but one, 0 any word. Null: not to be asked. The planner cannot tell how rare
# a word's beginning is, and must not read the whole table because it guesses wrong.
HITS = """
CREATE FUNCTION catalog_search_hits(
  named tsquery, anywhere tsquery, wider tsquery, partly tsquery, hardly tsquery, close tsquery, loose tsquery,
  language text, most int
) RETURNS TABLE (product_id bigint, tier int, name_order text, score real)
LANGUAGE plpgsql STABLE ROWS 300 SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  have int := 0;
  got int;
  asked tsquery;
BEGIN
  FOR place IN 1..5 LOOP
    EXIT WHEN have >= most OR (place > 3 AND have > 0);
    asked := (ARRAY[named, anywhere, wider, partly, hardly])[place];
    CONTINUE WHEN asked IS NULL;
    RETURN QUERY SELECT e.product_id, 5 - place, coalesce(e.names->>language, e.names->>'') COLLATE "C",
        ts_rank(e.vector, close) + 0.3::real * ts_rank(e.vector, loose)
      FROM catalog_searchentry e
      WHERE e.vector @@ asked
        AND (have = 0 OR NOT e.vector @@ named)
        AND (have = 0 OR place = 2 OR NOT e.vector @@ anywhere)
      LIMIT most - have;
    GET DIAGNOSTICS got = ROW_COUNT;
    have := have + got;
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "product",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="catalog.product",
                    ),
                ),
                ("vector", tacit.core.fields.TextSearchField()),
                ("names", models.JSONField()),
                ("choices", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                (
                    "word",
                    models.CharField(db_collation="C", max_length=40, primary_key=True, serialize=False),
                ),
                ("shown", models.CharField(max_length=40)),
                ("slips", tacit.core.fields.TextArrayField()),
                ("parts", tacit.core.fields.TextArrayField()),
            ],
        ),
        migrations.RunSQL(INDEXES, migrations.RunSQL.noop),
        migrations.RunSQL(HITS, "DROP FUNCTION catalog_search_hits"),
    ]
