"""The shop for programs: REST under /api/, described by OpenAPI."""
