"""Guard mutation: each listed guard is taken out of a copy of the tree, and the tests that prove it must fail."""
