# SPDX-License-Identifier: EUPL-1.2
"""CVE: identifiers with the states of their reservation, and records in the JSON of version 5."""
