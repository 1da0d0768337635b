# SPDX-License-Identifier: EUPL-1.2
"""Embargoes of disclosures: policies for their length, who agreed to which terms, and alarms."""
