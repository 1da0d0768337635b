# SPDX-License-Identifier: EUPL-1.2
"""Events as MISP's JSON has them -> STIX 2.1, 2.0 and 1.1.1. What has no place is a label."""
