# SPDX-License-Identifier: EUPL-1.2
"""What is shown of very many cases at once, kept for each of their readers.

    making.seen(case, speaker, ...)    what one reader's fold says, pure
    storing.note(session, ...)         keeps it, with the entry that changes it
    catching_up.catch_up(database)     again, where a case changes by itself
    reading.to_fold(session)           cases of which nothing kept is to be believed

Calendars (`calendar.gathering`), queues (`authority.received`) and summaries
(`authority.summarising`) read these rows. They are what a fold over the reader's own entries
gives: where they may be another, the case is folded.
"""
