# SPDX-License-Identifier: EUPL-1.2
"""Settings of people who take part in cases without an account, and of mail that comes in."""

from brug.store.setting import Setting
from brug.store.settings_accounts import mail_address, mail_host

MEBIBYTE = 2**20

PERSONS: tuple[Setting, ...] = (
    Setting(
        "cases.link_days", "number", 30,
        "How long a personal link into a case holds; each letter brings a fresh one.",
        low=1, high=365,
    ),
    Setting(
        "cases.outside_hourly", "number", 120,
        "What one person without an account, or one finder, may enter in a case within an hour.",
        low=1, high=10_000,
    ),
    Setting(
        "mail.inbound", "text", "",
        "Where answers of people without an account are fetched from: maildir, imap; empty: "
        "nowhere.", choices=("", "maildir", "imap"),
    ),
    Setting(
        "mail.inbound_address", "text", "",
        "Address that such answers go to; empty: the one that mail comes from.",
        check=mail_address,
    ),
    Setting(
        "mail.inbound_plus", "flag", True,
        "That address takes name+anything@domain; else the subject says what a mail is about.",
    ),
    Setting("mail.inbound_maildir", "text", "", "Folder of the maildir."),
    Setting(
        "mail.inbound_host", "text", "", "Server of the IMAP mailbox.", check=mail_host,
    ),
    Setting("mail.inbound_port", "number", 993, "Port of that server.", low=1, high=65_535),
    Setting(
        "mail.inbound_security", "text", "tls",
        "How the connection to it is protected: tls from the start, or starttls.",
        choices=("tls", "starttls"),
    ),
    Setting(
        "mail.inbound_ca_file", "text", "",
        "File of certificates that this server's is checked against; empty: the system's.",
    ),
    Setting("mail.inbound_user", "text", "", "Account at that server."),
    Setting("mail.inbound_password", "secret", "", "Password of that account."),
    Setting("mail.inbound_folder", "text", "INBOX", "Folder of that mailbox."),
    Setting(
        "mail.inbound_bytes", "number", 25 * MEBIBYTE,
        "Largest mail that is read; a larger one stays in the mailbox, and is reported.",
        low=1024, high=100 * MEBIBYTE,
    ),
    Setting(
        "mail.inbound_hourly", "number", 20,
        "Mails of one person that are put into a case within an hour; more are held.",
        low=1, high=10_000,
    ),
    Setting(
        "mail.inbound_checked_by", "text", "",
        "Name with which your mail server begins its Authentication-Results; with it, mail that "
        "it did not check is held.",
    ),
)  # fmt: skip
