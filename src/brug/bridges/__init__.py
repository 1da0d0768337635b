# SPDX-License-Identifier: EUPL-1.2
"""Bridges: agreements, the gate, crossings, their proof, and how they travel."""
