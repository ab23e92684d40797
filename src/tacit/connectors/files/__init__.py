"""What every importer of files shares: opening them with limits, naming bad rows, showing progress."""
