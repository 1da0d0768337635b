# SPDX-License-Identifier: EUPL-1.2
"""The native protocol between nodes, over HTTP (docs/reference/native-protocol.md)."""
