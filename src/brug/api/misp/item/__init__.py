# SPDX-License-Identifier: EUPL-1.2
"""What events hold: attributes, objects, proposals, sightings."""
