# SPDX-License-Identifier: EUPL-1.2
"""Own security advisories: begun from a disclosure, edited as CSAF documents, released.

A draft is as secret as its case. A release passes all mandatory tests, waits for the end of the
case's embargo, is signed by the node's key, and is never changed: the next one takes its place.
"""
