# SPDX-License-Identifier: EUPL-1.2
"""The mandatory tests of CSAF 2.0, section 6.1: each a function of one document."""
