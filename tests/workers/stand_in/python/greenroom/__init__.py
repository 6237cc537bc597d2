"""Stands in for the package `greenroom` in a worker process."""
