# SPDX-License-Identifier: EUPL-1.2
"""Advisories of others: taken in, kept as they came, searched, and held against what
organisations registered that they run, so that those whom one concerns are warned.
"""
