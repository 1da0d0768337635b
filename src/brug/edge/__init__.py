# SPDX-License-Identifier: EUPL-1.2
"""What the machine interfaces and the pages share at the border to HTTP."""
