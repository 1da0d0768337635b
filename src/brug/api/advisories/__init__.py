# SPDX-License-Identifier: EUPL-1.2
"""`/csaf/...` and the provider's metadata: own advisories, for tools of readers (CSAF 2.0, 7)."""
