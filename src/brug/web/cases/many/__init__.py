# SPDX-License-Identifier: EUPL-1.2
"""Many cases together: those alike, bulk actions, templates, statistics, merging and splitting."""

from brug.web.cases.many import bulk_page, merging_page, related, statistics_page, template_pages

__all__ = ["bulk_page", "merging_page", "related", "statistics_page", "template_pages"]
