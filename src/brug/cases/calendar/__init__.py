# SPDX-License-Identifier: EUPL-1.2
"""What ends when in a reader's cases: on a page, and in the calendar program of a person.

What stands in a calendar follows from what its reader has of each case, and is kept with it
(`brug.cases.views`); of secret addresses the digests are.
"""
