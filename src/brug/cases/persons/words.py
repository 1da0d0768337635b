# SPDX-License-Identifier: EUPL-1.2
"""What letters to persons outside say, in their language; the rest is in `mail.words`."""

from collections.abc import Mapping

from brug.mail import words

TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "link_subject": "%(number)s: you are asked to take part",
        "link_text": "%(host)s asks you to take part in case %(number)s, as: %(role)s.\n\n"
        "Your personal link:\n%(link)s\n\nIt asks for a code, which is then sent to this address."
        " It is for you alone and holds for %(days)s days. Whoever does not know of this can"
        " leave it: nothing happens.",
        "code_subject": "%(number)s: your code",
        "code_text": "Your code: %(code)s\n\nIt holds for %(minutes)s minutes, for the link that"
        " it was asked with. If you did not ask for it, tell %(host)s, and tell nobody the code.",
        "news_subject": "%(number)s: something new",
        "notice_text": "There is something new for you in case %(number)s of %(host)s. It may not"
        " be sent by mail.",
        "news_head": "New for you in case %(number)s of %(host)s:",
        "read": "Read and answer here, with a code that is sent to this address:\n%(link)s",
        "answer": "Or answer this mail: what you write goes to those who lead the case.",
        "encrypt": "Your answer can be encrypted with OpenPGP. The key of %(host)s:\n%(key)s\n"
        "%(where)s",
        "stop": "On that page you can also say that you want no more mails.",
        "embargo": "Under embargo: nothing of it may be published before %(until)s.",
        "said": "%(who)s says:",
        "attached": "%(who)s attached a document: %(what)s",
        "detached": "%(who)s took a document back: %(what)s",
        "moved": "%(who)s: %(what)s",
        "decided": "%(who)s decided: %(what)s",
        "marked": "The marking is now: %(what)s",
        "embargoed": "Embargo until %(what)s",
        "unembargoed": "The embargo has ended",
        "joined": "%(what)s takes part: %(role)s",
        "left": "%(what)s takes part no longer",
        "filled": "%(who)s filled in: %(what)s",
        "recorded": "%(who)s recorded a time: %(what)s",
        "planned": "A task: %(what)s",
        "asked": "%(who)s asks you to say that you have read this: %(what)s",
        "acknowledged": "%(who)s has read: %(what)s",
        "something": "something",
        "taken_back": "taken back",
        "other": "%(who)s changed something.",
        "none": "none",
        "more": "and %(count)s more, on the page",
    },
    "nl": {
        "link_subject": "%(number)s: u wordt gevraagd om mee te doen",
        "link_text": "%(host)s vraagt u om mee te doen in zaak %(number)s, als: %(role)s.\n\n"
        "Uw persoonlijke link:\n%(link)s\n\nDie vraagt om een code, die dan naar dit adres"
        " wordt gestuurd. De link is voor u alleen en geldt %(days)s dagen. Wie hier niets van"
        " weet,"
        " kan dit laten rusten: er gebeurt niets.",
        "code_subject": "%(number)s: uw code",
        "code_text": "Uw code: %(code)s\n\nDe code geldt %(minutes)s minuten, voor de link"
        " waarmee die werd gevraagd. Vroeg u er niet om, zeg het dan aan %(host)s, en geef de"
        " code aan niemand.",
        "news_subject": "%(number)s: er is iets nieuws",
        "notice_text": "Er is iets nieuws voor u in zaak %(number)s van %(host)s. Het mag niet"
        " per mail worden verstuurd.",
        "news_head": "Nieuw voor u in zaak %(number)s van %(host)s:",
        "read": "Lees en antwoord hier, met een code die naar dit adres wordt gestuurd:\n%(link)s",
        "answer": "Of beantwoord deze mail: wat u schrijft gaat naar wie de zaak leidt.",
        "encrypt": "U kunt uw antwoord versleutelen met OpenPGP. De sleutel van %(host)s:\n"
        "%(key)s\n%(where)s",
        "stop": "Op die pagina kunt u ook zeggen dat u geen mail meer wilt.",
        "embargo": "Onder embargo: hiervan mag niets worden gepubliceerd voor %(until)s.",
        "said": "%(who)s zegt:",
        "attached": "%(who)s voegde een document toe: %(what)s",
        "detached": "%(who)s nam een document terug: %(what)s",
        "moved": "%(who)s: %(what)s",
        "decided": "%(who)s besloot: %(what)s",
        "marked": "De markering is nu: %(what)s",
        "embargoed": "Embargo tot %(what)s",
        "unembargoed": "Het embargo is voorbij",
        "joined": "%(what)s doet mee: %(role)s",
        "left": "%(what)s doet niet meer mee",
        "filled": "%(who)s vulde in: %(what)s",
        "recorded": "%(who)s legde een tijd vast: %(what)s",
        "planned": "Een taak: %(what)s",
        "asked": "%(who)s vraagt u te zeggen dat u dit hebt gelezen: %(what)s",
        "acknowledged": "%(who)s heeft gelezen: %(what)s",
        "something": "iets",
        "taken_back": "ingetrokken",
        "other": "%(who)s veranderde iets.",
        "none": "geen",
        "more": "en nog %(count)s, op de pagina",
    },
}


def say(language: str, text: str, **parts: object) -> str:
    """A text in a language; English where there is none in it."""
    found = TEXTS.get(language, TEXTS["en"])
    return found[text] % parts if text in found else words.say(language, text, **parts)
