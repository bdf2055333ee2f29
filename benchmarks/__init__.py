"""Benchmarks: rates and response times, each next to a yardstick measured in the same run."""
