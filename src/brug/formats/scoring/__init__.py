# SPDX-License-Identifier: EUPL-1.2
"""How bad and how urgent: CVSS scores of a vector, and SSVC decisions of what was observed."""
