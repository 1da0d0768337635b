# SPDX-License-Identifier: EUPL-1.2
"""The language that Suricata and Snort share, so far as values get into it.

Contents: whatever is not plainly harmless is written as hexadecimal bytes. Messages: what
could end them is replaced, as they only inform. See the Suricata user guide, "Rules Format"
and "Payload Keywords".
"""

import re

from brug.formats.sensors.indicator import Indicator, Settings
from brug.formats.sensors.values import line

# Rule ids: each attribute has room for ten; the highest a 32-bit number can be is kept from.
FIRST_SID, PER_ATTRIBUTE, MOST_SID = 1_000_000, 10, 4_000_000_000
LONGEST_CONTENT = LONGEST_MESSAGE = 200
_HARMLESS = re.compile(rb"[^A-Za-z0-9 ._/=&?@+,~%-]+")
_MESSAGE = str.maketrans({'"': "'", ";": ",", "\\": "/"})
# Printable ASCII but for what could end a message: most texts are that.
_PLAIN = re.compile(r"[ !#-:<-\[\]-~]*")
_NOT_IN_REFERENCES = re.compile(r"[^A-Za-z0-9._:/-]")

HEAD = """\
# MISP export of IDS rules - optimized for {name}
#
# These NIDS rules contain some variables that need to exist in your configuration.
# Make sure you have set:
#
# $HOME_NET     - Your internal network range
# $EXTERNAL_NET - The network considered as outside
# $SMTP_SERVERS - All your internal SMTP servers
# $HTTP_PORTS   - The ports used to contain HTTP traffic (not required with suricata export)
#
"""


def content(value: str) -> str:
    """The inside of `content:"..."`: the value's bytes, as far as a content goes."""
    raw = value.encode("utf-8", "replace")
    if raw.isalnum():
        return raw[:LONGEST_CONTENT].decode()
    return _HARMLESS.sub(_hexadecimal, raw[:LONGEST_CONTENT]).decode()


def _hexadecimal(found: re.Match[bytes]) -> bytes:
    return b"|" + found[0].hex(" ").upper().encode() + b"|"


def message(text: str) -> str:
    """The inside of `msg:"..."`."""
    if _PLAIN.fullmatch(text):
        return text[:LONGEST_MESSAGE]
    return line(text, LONGEST_MESSAGE).translate(_MESSAGE).encode("ascii", "replace").decode()


def reference(base_url: str, event_id: int) -> str:
    """Where a rule's event is looked at; `url` stands for the scheme."""
    host = base_url.partition("://")[2] or base_url
    return f"url,{_NOT_IN_REFERENCES.sub('', host)}/events/view/{event_id}"


class Rules:
    """What the rules of an export have in common: where ids begin, where events are."""

    def __init__(self, settings: Settings, first_sid: int) -> None:
        self.first_sid = first_sid
        self._base_url = settings.base_url
        self._event = 0
        self._before = self._after = ""

    def rule(self, i: Indicator, number: int, head: str, said: str, options: str) -> str:
        """One rule: `head` is up to the options, `options` end with a semicolon or are empty."""
        if i.event.id != self._event:
            self._event = i.event.id
            self._before = f'(msg:"MISP e{i.event.id} ['
            self._after = (
                f"; rev:1; priority:{i.event.threat_level};"
                f" reference:{reference(self._base_url, i.event.id)};)\n"
            )
        tags = i.tags + "," + i.event.tags if i.tags and i.event.tags else i.tags or i.event.tags
        shown = message(tags) if tags else ""
        return (
            f'{head} {self._before}{shown}] {message(said)}"; {options}'
            f"classtype:trojan-activity; sid:{self.sid(i, number)}{self._after}"
        )

    def sid(self, i: Indicator, number: int) -> int:
        return (self.first_sid + i.id * PER_ATTRIBUTE + number) % MOST_SID or MOST_SID
