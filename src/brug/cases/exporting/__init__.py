# SPDX-License-Identifier: EUPL-1.2
"""A whole case leaves: as JSON, as PDF, as an archive that proves itself without this node.

What leaves is what whoever exports has of the case, and no more. The forms are written down in
docs/reference/case-export.md; `verifying` checks an archive with public keys alone.
"""
