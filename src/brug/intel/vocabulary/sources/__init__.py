# SPDX-License-Identifier: EUPL-1.2
"""From the publishers' JSON files to rows; one module a vocabulary. Run by `install` only."""
