# SPDX-License-Identifier: EUPL-1.2
"""Software bills of materials: what components one lists. CycloneDX and SPDX, read only."""
