# SPDX-License-Identifier: EUPL-1.2
"""By what products are known: package URLs, CPE names, versions and ranges of them. Pure."""
