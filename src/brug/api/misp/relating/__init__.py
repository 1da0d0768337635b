# SPDX-License-Identifier: EUPL-1.2
"""What is said about items, and which belong together."""
