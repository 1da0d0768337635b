# SPDX-License-Identifier: EUPL-1.2
"""Mail as a bridge: what a partner without a node gets, decided and on record like any crossing.

`mailboxes` holds who gets it and how often, `rounds` decides and sends, `letters` writes.
"""
