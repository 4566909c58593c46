"""What the portal costs, beside the tools everybody has, in one run on one machine.

`make bench` measures everything and writes docs/performance.md; `python -m benchmarks NAME …` measures some.
"""
