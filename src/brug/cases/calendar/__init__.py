# SPDX-License-Identifier: EUPL-1.2
"""What ends when in a reader's cases: on a page, and in the calendar program of a person.

Nothing is stored but the moments by which cases are found, and the digests of secret addresses;
what stands in a calendar is computed from what its reader has of each case.
"""
