# SPDX-License-Identifier: EUPL-1.2
"""Noticelists, written here from the law itself, since no package publishes any.

Each entry names where it holds (`scope`: event, attribute or object; `field`: what of it;
`value`: which) and what to mind, in English and Dutch. It is a reminder and no advice: what
applies to a case, people decide. Which attribute types identify people follows from the
definitions of the Regulation (article 4(1)) and from the names of MISP's types. A list that
changes gets a higher version; whether it is switched on stays as the node has it.
"""

import hashlib

import msgspec

from brug.intel.vocabulary.sources.rows import Connection


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Where it holds, and what to mind there; unless it says otherwise, for types of attributes."""

    scope: list[str] = msgspec.field(default_factory=lambda: ["attribute"])
    field: list[str] = msgspec.field(default_factory=lambda: ["type"])
    value: list[str]
    message: dict[str, str]
    tags: list[str] = []


class Noticelist(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    expanded_name: str
    ref: list[str]
    geographical_area: list[str] = msgspec.field(default_factory=lambda: ["EU"])
    version: int = 1
    entries: list[Entry]


IDENTIFYING = [
    "first-name", "middle-name", "last-name", "full-name", "date-of-birth", "place-of-birth",
    "gender", "nationality", "passport-number", "passport-country", "passport-expiration",
    "visa-number", "identity-card-number", "redress-number", "travel-details", "payment-details",
    "passenger-name-record-locator-number", "phone-number", "iban", "bank-account-nr", "bic",
    "aba-rtn", "cc-number", "prtn", "target-user", "target-email", "target-location",
    "whois-registrant-name", "whois-registrant-email", "whois-registrant-phone",
    "github-username", "jabber-id", "twitter-id",
]  # fmt: skip
INDIRECT = [
    "email", "email-src", "email-dst", "email-reply-to", "email-src-display-name",
    "email-dst-display-name", "email-header", "email-body", "ip-src", "ip-dst", "ip-src|port",
    "ip-dst|port", "domain|ip", "mac-address", "mac-eui-64", "eppn",
]  # fmt: skip

LISTS = (
    Noticelist(
        name="gdpr",
        expanded_name="General Data Protection Regulation",
        ref=["https://eur-lex.europa.eu/eli/reg/2016/679/oj"],
        entries=[
            Entry(
                value=IDENTIFYING,
                message={
                    "en": "This names or identifies a person (article 4(1)). Share it only where"
                    " the purpose needs it (article 5(1)(b) and (c)) and you have a legal basis"
                    " (article 6).",
                    "nl": "Dit noemt of identificeert een persoon (artikel 4, lid 1). Deel het"
                    " alleen waar het doel dat nodig heeft (artikel 5, lid 1, onder b en c) en u"
                    " een grondslag hebt (artikel 6).",
                },
            ),
            Entry(
                value=INDIRECT,
                message={
                    "en": "This may lead to a person, alone or together with other data (recital"
                    " 30). Securing networks and information is a legitimate interest as far as"
                    " it is strictly necessary and proportionate (recital 49).",
                    "nl": "Dit kan naar een persoon leiden, alleen of samen met andere gegevens"
                    " (overweging 30). Netwerken en informatie beveiligen is een gerechtvaardigd"
                    " belang voor zover strikt noodzakelijk en evenredig (overweging 49).",
                },
            ),
            Entry(
                field=["category"],
                value=["Targeting data", "Financial fraud", "Social network", "Person"],
                message={
                    "en": "Data in this category often concern victims. Keep to what the receiver"
                    " needs (article 5(1)(c)), and for no longer than the purpose needs them"
                    " (article 5(1)(e)).",
                    "nl": "Gegevens in deze categorie gaan vaak over slachtoffers. Houd het bij"
                    " wat de ontvanger nodig heeft (artikel 5, lid 1, onder c), en niet langer"
                    " dan het doel vraagt (artikel 5, lid 1, onder e).",
                },
            ),
            Entry(
                scope=["object"],
                field=["meta-category"],
                value=["person"],
                message={
                    "en": "An object about a person brings together what apart may say little."
                    " Health, beliefs, origin and the like need a ground of their own (article 9),"
                    " convictions and offences official authority (article 10).",
                    "nl": "Een object over een persoon brengt samen wat los weinig zegt."
                    " Gezondheid, overtuiging, afkomst en dergelijke vragen een eigen grond"
                    " (artikel 9), strafrechtelijke gegevens overheidstoezicht (artikel 10).",
                },
            ),
            Entry(
                scope=["event"],
                field=["distribution"],
                value=["2", "3"],
                message={
                    "en": "This may reach organisations outside the European Union. Personal data"
                    " in it then need an adequacy decision, appropriate safeguards or one of the"
                    " exceptions (articles 45, 46 and 49).",
                    "nl": "Dit kan organisaties buiten de Europese Unie bereiken. Persoonsgegevens"
                    " erin vragen dan een adequaatheidsbesluit, passende waarborgen of een van de"
                    " uitzonderingen (artikelen 45, 46 en 49).",
                },
            ),
        ],
    ),
    Noticelist(
        name="led",
        expanded_name="Law Enforcement Directive",
        ref=["https://eur-lex.europa.eu/eli/dir/2016/680/oj"],
        entries=[
            Entry(
                value=IDENTIFYING,
                message={
                    "en": "Competent authorities tell apart suspects, convicted persons, victims"
                    " and others (article 6), and facts from assessments (article 7). Say in the"
                    " comment which it is.",
                    "nl": "Bevoegde autoriteiten onderscheiden verdachten, veroordeelden,"
                    " slachtoffers en anderen (artikel 6), en feiten van oordelen (artikel 7)."
                    " Zeg in de opmerking wat het is.",
                },
            )
        ],
    ),
    Noticelist(
        name="eprivacy",
        expanded_name="Directive on privacy and electronic communications",
        ref=["https://eur-lex.europa.eu/eli/dir/2002/58/oj"],
        entries=[
            Entry(
                value=["email-body", "email-header", "email-subject", "email-attachment"],
                message={
                    "en": "Communications and their traffic data are confidential (article 5(1))."
                    " Share them with the consent of those concerned or where a law allows it.",
                    "nl": "Communicatie en verkeersgegevens zijn vertrouwelijk (artikel 5, lid 1)."
                    " Deel ze met toestemming van de betrokkenen of waar een wet het toelaat.",
                },
            )
        ],
    ),
)


def install(connection: Connection) -> int:
    """The number of lists that are new or changed."""
    changed = 0
    for one in LISTS:
        digest = hashlib.blake2b(msgspec.json.encode(one), digest_size=16).digest()
        row = connection.execute(
            "INSERT INTO noticelist (name, expanded_name, ref, geographical_area, version,"
            " source_digest) VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (name) DO UPDATE SET"
            " expanded_name = excluded.expanded_name, ref = excluded.ref,"
            " geographical_area = excluded.geographical_area, version = excluded.version,"
            " source_digest = excluded.source_digest"
            " WHERE noticelist.source_digest IS DISTINCT FROM excluded.source_digest"
            " RETURNING id",
            (one.name, one.expanded_name, one.ref, one.geographical_area, one.version, digest),
        ).fetchone()
        if row is None:
            continue
        changed += 1
        connection.execute("DELETE FROM noticelist_entry WHERE noticelist_id = %s", (row[0],))
        for entry in one.entries:
            connection.execute(
                "INSERT INTO noticelist_entry (noticelist_id, data) VALUES (%s, %s)",
                (row[0], msgspec.json.encode(entry).decode()),
            )
    return changed
