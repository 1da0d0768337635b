# SPDX-License-Identifier: EUPL-1.2
"""Rules for Snort 2.9. Names in DNS are matched as the wire has them, length by length.

Parameters: `sid`, the first rule id.
"""

from collections.abc import Callable

from brug.formats.sensors import suricata, values
from brug.formats.sensors.indicator import Indicator, Section, SensorFormat
from brug.formats.sensors.kinds import PIECES
from brug.formats.sensors.rule_text import HEAD, Rules, content
from brug.formats.sensors.suricata import Written

_WEB = "alert tcp $HOME_NET any -> $EXTERNAL_NET $HTTP_PORTS"
_OUT = "flow:to_server,established; "
_SESSION = "tag:session,600,seconds; "
_QUERY = 'content:"|01 00 00 01 00 00 00 00 00 00|"; depth:10; offset:2; '


def wire(name: str) -> str:
    """A name's labels behind their lengths, as a content."""
    return "".join(f"|{len(label):02X}|{label}" for label in name.split(".")) + "|00|"


def _dns(r: Rules, i: Indicator, said: str, match: str, made: Written) -> None:
    options = f'{_QUERY}content:"{match}"; fast_pattern; nocase; '
    for proto, state in (("udp", ""), ("tcp", "flow:established; ")):
        head = f"alert {proto} any any -> any 53"
        made.append(r.rule(i, len(made), head, said, options + state))


def _domain(r: Rules, i: Indicator, value: str, _: str, made: Written) -> None:
    if found := values.name(value):
        _dns(r, i, f"Domain: {found}", wire(found), made)
        _host(r, i, found, f"Domain: {found}", "[^A-Za-z0-9-]", made)


def _hostname(r: Rules, i: Indicator, value: str, _: str, made: Written) -> None:
    if found := values.name(value):
        # 12 bytes of header lie before the name: nothing else stands in front of it.
        options = f'content:"{wire(found)}"; offset:12; fast_pattern; nocase; '
        made.append(r.rule(i, 0, "alert udp any any -> any 53", f"Hostname: {found}", options))
        options = f'content:"{wire(found)}"; offset:14; fast_pattern; nocase; flow:established; '
        made.append(r.rule(i, 1, "alert tcp any any -> any 53", f"Hostname: {found}", options))
        _host(r, i, found, f"Hostname: {found}", r"[^A-Za-z0-9.-]", made)


def _host(r: Rules, i: Indicator, name: str, said: str, before: str, made: Written) -> None:
    pattern = name.replace(".", r"\.")
    options = (
        f'{_OUT}content:"Host|3A|"; nocase; http_header;'
        f' content:"{name}"; fast_pattern; nocase; http_header;'
        f' pcre:"/{before}{pattern}[^A-Za-z0-9.-]/Hi"; {_SESSION}'
    )
    made.append(r.rule(i, len(made), _WEB, f"Outgoing HTTP {said}", options))


def _url(r: Rules, i: Indicator, value: str, _: str, made: Written) -> None:
    found = values.page(value)
    if found is None:
        return
    options = f'{_OUT}content:"Host|3A| {content(found.host)}"; nocase; http_header; '
    if found.rest not in {"", "/"}:
        options += f'content:"{content(found.rest)}"; fast_pattern; http_raw_uri; '
    made.append(r.rule(i, 0, _WEB, f"Outgoing HTTP URL: {value}", options + _SESSION))


def _in_http(buffer: str, said: str) -> Callable[[Rules, Indicator, str, str, Written], None]:
    def write(r: Rules, i: Indicator, value: str, _: str, made: Written) -> None:
        if value.strip():
            options = f'{_OUT}content:"{content(value)}"; fast_pattern; nocase; {buffer}; '
            made.append(r.rule(i, 0, _WEB, f"{said}: {value}", options + _SESSION))

    return write


_SHARED = (
    "ip-src", "ip-dst", "email", "email-src", "email-dst", "email-subject", "email-attachment",
    "snort",
)  # fmt: skip
WRITERS: dict[str, Callable[[Rules, Indicator, str, str, Written], None]] = {
    name: suricata.WRITERS[name] for name in _SHARED
} | {
    "domain": _domain,
    "hostname": _hostname,
    "url": _url,
    "uri": _in_http("http_raw_uri", "Outgoing URI"),
    "user-agent": _in_http("http_header", "Outgoing User-Agent"),
}


def lines(i: Indicator, rules: Rules, _: frozenset[str]) -> str:
    made: Written = []
    for piece in PIECES.get(i.type, ()):
        if write := WRITERS.get(piece.kind):
            port = values.port(i.value2) if piece.port else "any"
            write(rules, i, i.part(piece.part), port, made)
    return "".join(made)


FORMAT = SensorFormat(
    "text/plain; charset=UTF-8", "rules", "alert",
    (Section(frozenset(WRITERS)),),
    suricata.read,
    lambda _: HEAD.format(name="snort"),
    lines,
    meaning="Rules for Snort 2.9",
    parameters=("sid",),
)  # fmt: skip
