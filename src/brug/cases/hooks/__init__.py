# SPDX-License-Identifier: EUPL-1.2
"""Webhooks: what happens in cases, told to programs of those who take part.

A message names the case by its number, and says nothing of what is in it. It is noted with what
it follows from, in one transaction, and sent by a thread of the node; whether its receiver takes
part is asked then, not when it was noted. Signed by Standard Webhooks (`brug.formats.webhooks`).
"""
