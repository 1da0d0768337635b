# SPDX-License-Identifier: EUPL-1.2
"""What shares a value, and what is kept from it."""
