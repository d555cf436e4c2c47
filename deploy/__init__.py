"""Production on one host: see README.md."""
