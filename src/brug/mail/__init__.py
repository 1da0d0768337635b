# SPDX-License-Identifier: EUPL-1.2
"""Mail: what a letter says to whom, and the sender that carries letters out."""
