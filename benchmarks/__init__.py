"""Measurements that anybody can repeat: `make bench` prints them as tables.

Each module is a command of its own (`python -m benchmarks.stages`) and measures what a person waits
for, at the size of the district and at a tenth of it.
"""
