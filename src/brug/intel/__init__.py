# SPDX-License-Identifier: EUPL-1.2
"""Events and all that hangs on them: correlation, search, vocabularies."""
