"""One module a resource. A view reads, calls one action or query, and shows what came of it."""
