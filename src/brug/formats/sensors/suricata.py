# SPDX-License-Identifier: EUPL-1.2
"""Rules for Suricata 6 and later.

Names are matched in DNS, HTTP and TLS with `dotprefix` and `bsize`, which need no regular
expressions. Parameters: `sid`, the first rule id.
"""

from collections.abc import Callable

from brug.formats.misp import coercion
from brug.formats.sensors import foreign_rules, values
from brug.formats.sensors.indicator import Indicator, Section, SensorFormat, Settings
from brug.formats.sensors.kinds import PIECES
from brug.formats.sensors.rule_text import FIRST_SID, HEAD, MOST_SID, Rules, content

_DNS = "alert dns any any -> any any"
_HTTP = "alert http $HOME_NET any -> $EXTERNAL_NET any"
_TLS = "alert tls $HOME_NET any -> $EXTERNAL_NET any"
_MAIL = "alert tcp $EXTERNAL_NET any -> $SMTP_SERVERS any"
_OUT = "flow:to_server,established; "

Written = list[str]


def _outgoing(r: Rules, i: Indicator, value: str, port: str, made: Written) -> None:
    if ip := values.address(value):
        proto, to = ("ip", "any") if port == "any" else ("tcp", port)
        head = f"alert {proto} $HOME_NET any -> {ip} {to}"
        made.append(r.rule(i, len(made), head, f"Outgoing To IP: {ip}", ""))


def _incoming(r: Rules, i: Indicator, value: str, port: str, made: Written) -> None:
    if ip := values.address(value):
        proto, source = ("ip", "any") if port == "any" else ("tcp", port)
        head = f"alert {proto} {ip} {source} -> $HOME_NET any"
        made.append(r.rule(i, len(made), head, f"Incoming From IP: {ip}", ""))


def _domain(r: Rules, i: Indicator, value: str, _: str, made: Written) -> None:
    if found := values.name(value):
        _named(r, i, found, f'dotprefix; content:".{found}"; endswith; fast_pattern; ', "", made)


def _hostname(r: Rules, i: Indicator, value: str, _: str, made: Written) -> None:
    if found := values.name(value):
        size = f"bsize:{len(found)}; "
        _named(r, i, found, f'content:"{found}"; fast_pattern; ', size, made)


def _named(r: Rules, i: Indicator, name: str, match: str, size: str, made: Written) -> None:
    said = f"Domain {name}" if not size else f"Hostname {name}"
    without_case = match.replace("fast_pattern; ", f"fast_pattern; nocase; {size}")
    made.append(r.rule(i, len(made), _DNS, said, f"dns.query; {without_case}"))
    made.append(
        r.rule(i, len(made), _HTTP, f"Outgoing HTTP {said}", f"{_OUT}http.host; {match}{size}")
    )
    made.append(
        r.rule(i, len(made), _TLS, f"Outgoing TLS {said}", f"{_OUT}tls.sni; {without_case}")
    )


def _url(r: Rules, i: Indicator, value: str, _: str, made: Written) -> None:
    found = values.page(value)
    if found is None:
        return
    options = f'{_OUT}http.host; content:"{content(found.host)}"; bsize:{len(found.host)}; '
    if found.rest not in {"", "/"}:
        options += f'http.uri.raw; content:"{content(found.rest)}"; startswith; fast_pattern; '
    made.append(r.rule(i, len(made), _HTTP, f"Outgoing URL {value}", options))


def _in_http(buffer: str, said: str) -> Callable[[Rules, Indicator, str, str, Written], None]:
    def write(r: Rules, i: Indicator, value: str, _: str, made: Written) -> None:
        if value.strip():
            options = f'{_OUT}{buffer}; content:"{content(value)}"; fast_pattern; '
            made.append(r.rule(i, len(made), _HTTP, f"{said}: {value}", options))

    return write


def _mail(before: str, said: str) -> Callable[[Rules, Indicator, str, str, Written], None]:
    def write(r: Rules, i: Indicator, value: str, _: str, made: Written) -> None:
        if value.strip():
            options = (
                f'flow:established,to_server; content:"{before}"; nocase;'
                f' content:"{content(value)}"; fast_pattern; nocase; '
            )
            made.append(r.rule(i, len(made), _MAIL, f"{said}: {value}", options))

    return write


def _fingerprint(
    proto: str, buffer: str, said: str, digits: int, between: str = ""
) -> Callable[[Rules, Indicator, str, str, Written], None]:
    def write(r: Rules, i: Indicator, value: str, _: str, made: Written) -> None:
        plain = value.strip().replace(":", "").lower()
        if len(plain) != digits or not all(c in "0123456789abcdef" for c in plain):
            return
        if between:
            plain = between.join(plain[n : n + 2] for n in range(0, digits, 2))
        head = f"alert {proto} any any -> any any"
        # A colon in a content is hexadecimal, as everything that could end it.
        made.append(r.rule(i, len(made), head, said, f'{buffer}; content:"{content(plain)}"; '))

    return write


def _foreign(r: Rules, i: Indicator, value: str, _: str, made: Written) -> None:
    if rule := foreign_rules.adopted(r, i, value):
        made.append(rule)


WRITERS: dict[str, Callable[[Rules, Indicator, str, str, Written], None]] = {
    "ip-dst": _outgoing,
    "ip-src": _incoming,
    "domain": _domain,
    "hostname": _hostname,
    "url": _url,
    "uri": _in_http("http.uri.raw", "Outgoing URI"),
    "user-agent": _in_http("http.user_agent", "Outgoing User-Agent"),
    "email": _mail("MAIL FROM|3A|", "Source Email Address"),
    "email-src": _mail("MAIL FROM|3A|", "Source Email Address"),
    "email-dst": _mail("RCPT TO|3A|", "Destination Email Address"),
    "email-subject": _mail("Subject|3A|", "Bad Email Subject"),
    "email-attachment": _mail("filename", "Bad Email Attachment"),
    "ja3": _fingerprint("tls", "ja3.hash", "JA3 fingerprint", 32),
    "hassh": _fingerprint("ssh", "ssh.hassh", "HASSH fingerprint", 32),
    "hassh-server": _fingerprint("ssh", "ssh.hassh.server", "HASSH server fingerprint", 32),
    "certificate-sha1": _fingerprint(
        "tls", "tls.cert_fingerprint", "Certificate fingerprint", 40, ":"
    ),
    "snort": _foreign,
}


def read(settings: Settings) -> Rules:
    given = coercion.integer("sid", settings.given.get("sid"), 1, MOST_SID)
    return Rules(settings, given or FIRST_SID)


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
    read,
    lambda _: HEAD.format(name="suricata"),
    lines,
    meaning="Rules for Suricata",
    parameters=("sid",),
)  # fmt: skip
