# SPDX-License-Identifier: EUPL-1.2
"""MISP's core format: JSON of events, attributes, objects, tags and the rest, both ways.

Specification: draft-dulaunoy-misp-core-format; what it leaves open is as MISP 2.5 answers.
"""
