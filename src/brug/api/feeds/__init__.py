# SPDX-License-Identifier: EUPL-1.2
"""Published feeds over HTTP."""
