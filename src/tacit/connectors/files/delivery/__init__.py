"""Delivery and tax as one TOML file: read, compared with the shop, written. docs/shipping-and-tax.md has the format."""
