# SPDX-License-Identifier: EUPL-1.2
"""What a node does, measured beside the bare operation beneath it in the same run.

`python -m benchmarks` prints each path with its figure, the bare figure, their ratio and
the aim. Absolute times say little about another machine; ratios do. Processor time is that
of the node's and the database's processes together, the load generator left out.
"""
