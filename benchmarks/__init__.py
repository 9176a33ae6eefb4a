"""Benchmarks: ratios against a floor, measured in one run. Run by `make bench`, never by tests."""
