# SPDX-License-Identifier: EUPL-1.2
"""What becomes of an event after it crossed: how long it is kept, what its sender is told."""
