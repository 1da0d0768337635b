# SPDX-License-Identifier: EUPL-1.2
"""`/.well-known/brug`: who this node is, for everyone (docs/reference/native-protocol.md)."""
