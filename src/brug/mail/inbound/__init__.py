# SPDX-License-Identifier: EUPL-1.2
"""Mail that comes in: from a maildir or an IMAP mailbox, read, judged, never run or rendered."""
