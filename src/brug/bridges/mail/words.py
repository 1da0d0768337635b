# SPDX-License-Identifier: EUPL-1.2
"""What letters to partners say, in the languages of their readers; the rest is in `mail.words`."""

from collections.abc import Mapping

from brug.mail import words

TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "digest_subject": "What we share with you: %(count)s messages",
        "withdrawal_subject": "Taken back: %(uuid)s",
        "recall_subject": "RECALL: %(uuid)s",
        "reactions_subject": "On your event: %(uuid)s",
        "head": "%(host)s shares this with %(partner)s, under version %(version)s of what was"
        " agreed (%(document)s).",
        "digest_head": "%(host)s shares this with %(partner)s, under version %(version)s of what"
        " was agreed (%(document)s). It is what came together since the last letter.",
        "uuid": "Identifier",
        "reports": "Reports (in the attachment)",
        "redacted": "Something was left out of this copy, as was agreed.",
        "again": "You had an earlier version of this; it is replaced by this one.",
        "attached": "The attachment holds all of it in MISP's format.",
        "packed": "The attachment, which is packed (zip), holds it in MISP's format.",
        "not_attached": "There is no attachment: all of this is too large for a letter.",
        "no_files": "The contents of files are left out, as they are too large for a letter"
        " (%(count)s): %(names)s.",
        "have_the_rest": "Answer this letter to have from %(host)s, another way, what is not in"
        " it.",
        "retention": "Keep it for %(days)s days at most.",
        "foot": "This letter was made by %(node)s. What it says may go no further than its marking"
        " and the agreement allow. Answers reach %(host)s.",
        "withdrawal": "%(host)s does not share this event any more, which you had before. Please"
        " stop using it and delete it, and what was made of it.",
        "recall": "%(host)s asks %(partner)s to stop using and to delete this event, everywhere,"
        " and what was made of it.",
        "because": "Reason",
        "recall_limits": "A letter cannot undo what was read or passed on, and we do not see what"
        " becomes of it. Please answer to say that it is deleted, or why it is not, and pass this"
        " on to whoever had it from you.",
        "reactions": "This was said here of an event of yours:",
        "sightings": "sightings: %(count)s",
        "proposals": "proposed changes: %(count)s",
        "notes": "notes and opinions: %(count)s",
    },
    "nl": {
        "digest_subject": "Wat wij met u delen: %(count)s berichten",
        "withdrawal_subject": "Teruggenomen: %(uuid)s",
        "recall_subject": "TERUGROEPING: %(uuid)s",
        "reactions_subject": "Over uw event: %(uuid)s",
        "head": "%(host)s deelt dit met %(partner)s, volgens versie %(version)s van wat is"
        " afgesproken (%(document)s).",
        "digest_head": "%(host)s deelt dit met %(partner)s, volgens versie %(version)s van wat is"
        " afgesproken (%(document)s). Het is wat er sinds de vorige brief bij elkaar kwam.",
        "uuid": "Kenmerk",
        "reports": "Rapporten (in de bijlage)",
        "redacted": "Uit dit exemplaar is iets weggelaten, zoals is afgesproken.",
        "again": "U had hiervan een eerdere versie; die wordt door deze vervangen.",
        "attached": "De bijlage bevat alles in de indeling van MISP.",
        "packed": "De bijlage, die is ingepakt (zip), bevat het in de indeling van MISP.",
        "not_attached": "Er is geen bijlage: alles bij elkaar is te groot voor een brief.",
        "no_files": "De inhoud van bestanden is weggelaten, omdat die te groot is voor een brief"
        " (%(count)s): %(names)s.",
        "have_the_rest": "Antwoord op deze brief om wat er niet in zit langs een andere weg van"
        " %(host)s te krijgen.",
        "retention": "Bewaar het hoogstens %(days)s dagen.",
        "foot": "Deze brief is gemaakt door %(node)s. Wat erin staat mag niet verder dan de"
        " markering en de afspraak toestaan. Antwoorden komen bij %(host)s aan.",
        "withdrawal": "%(host)s deelt dit event niet meer, dat u eerder had. Gebruik het niet meer"
        " en verwijder het, en wat ervan is gemaakt.",
        "recall": "%(host)s vraagt %(partner)s om dit event niet meer te gebruiken en overal te"
        " verwijderen, ook wat ervan is gemaakt.",
        "because": "Reden",
        "recall_limits": "Een brief maakt niet ongedaan wat is gelezen of doorgegeven, en wij zien"
        " niet wat ervan wordt. Antwoord ons dat het is verwijderd, of waarom niet, en geef dit"
        " door aan wie het van u had.",
        "reactions": "Dit is hier gezegd over een event van u:",
        "sightings": "waarnemingen: %(count)s",
        "proposals": "voorgestelde wijzigingen: %(count)s",
        "notes": "notities en meningen: %(count)s",
    },
}


def say(language: str, text: str, **parts: object) -> str:
    """A text of partners' letters, or one that all letters share."""
    own = TEXTS.get(language, TEXTS["en"])
    return own[text] % parts if text in own else words.say(language, text, **parts)
