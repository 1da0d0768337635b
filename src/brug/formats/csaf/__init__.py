# SPDX-License-Identifier: EUPL-1.2
"""Security advisories in CSAF 2.0: reading, checking, writing, and the life of one.

Specification: OASIS Common Security Advisory Framework 2.0 (18 November 2022). What is
decided here is decided of values alone; fetching and publishing are elsewhere.
"""
