# SPDX-License-Identifier: EUPL-1.2
"""Who takes part in a case without a node and without an account: by a personal link, or by mail.

To the engine such a person is a participant like any other, of an organisation that nobody else is
of: a UUID made for this person in this case. Entries are signed by the node that had them join,
as those of finders are. The address is on no entry; it lies sealed on that node alone.
"""
