# SPDX-License-Identifier: EUPL-1.2
"""The node itself: servers, feeds, settings, records of acts."""
