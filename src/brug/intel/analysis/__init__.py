# SPDX-License-Identifier: EUPL-1.2
"""Notes, opinions, relationships; collections of events and clusters."""
