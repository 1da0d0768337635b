# SPDX-License-Identifier: EUPL-1.2
"""How much an indicator is still worth."""
