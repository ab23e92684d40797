"""Parts of a page that come after it, within a budget, or not at all. docs/decisions/0009-pages-for-everybody.md

The page itself holds a link of the same height to the same content, so nothing moves and nothing is missing when
a fragment is late, broken, over budget, resting or switched off.
"""
