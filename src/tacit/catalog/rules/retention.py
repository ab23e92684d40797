"""The catalogue holds goods, and nothing about people. Docs: docs/privacy.md."""

from __future__ import annotations

from tacit.core.personal import NOT_PERSONAL, RetentionMap, columns

MAP: RetentionMap = {
    table: columns(NOT_PERSONAL, names)
    for table, names in {
        "catalog_category": "slug name translations origin external_id",
        "catalog_cost": "currency",
        "catalog_currency": "code",
        "catalog_fact": "name value",
        "catalog_option": "name",
        "catalog_optionvalue": "value",
        "catalog_price": "currency",
        "catalog_product": "slug name description picture translations origin external_id",
        "catalog_searchentry": "vector names choices",
        "catalog_searchword": "word shown slips parts",
        "catalog_taxclass": "code name",
        "catalog_taxrate": "country",
        "catalog_variant": "sku label origin external_id",
    }.items()
}
