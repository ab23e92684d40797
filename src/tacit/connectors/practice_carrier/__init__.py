"""The practice carrier: takes parcels, moves them by the clock, and is late with one or loses one when told."""
