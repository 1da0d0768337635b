# SPDX-License-Identifier: EUPL-1.2
"""Event templates: forms from which a person fills an event."""
