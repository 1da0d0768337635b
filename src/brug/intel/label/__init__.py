# SPDX-License-Identifier: EUPL-1.2
"""Tags, and what they are attached to."""
