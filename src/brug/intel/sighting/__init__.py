# SPDX-License-Identifier: EUPL-1.2
"""Who saw a value, and when."""
