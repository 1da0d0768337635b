# SPDX-License-Identifier: EUPL-1.2
"""Events and attributes on their way out, in bulk and as files."""
