# SPDX-License-Identifier: EUPL-1.2
"""Changes that one organisation proposes to another's events."""
