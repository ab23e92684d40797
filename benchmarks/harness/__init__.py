"""What the benchmarks share: a shop of real processes on fresh data, light buyers, and honest counting."""
