# SPDX-License-Identifier: EUPL-1.2
"""What letters say, in the languages of their readers; `%(name)s` stands for what varies."""

from collections.abc import Mapping

TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "alert_subject": "Event %(id)s was published",
        "alert_head": "An event that you may see was published.",
        "alert_hidden": "What it says may not be sent by mail. Sign in to read it.",
        "event": "Event",
        "link": "Link",
        "organisation": "Organisation",
        "date": "Date",
        "marking": "Marking",
        "info": "Subject",
        "threat_level": "Threat level",
        "levels": "high,medium,low,undefined",
        "tags": "Tags",
        "attributes": "Attributes",
        "more": "and %(count)s more",
        "withheld": "With a stricter marking, and so not in this mail: %(count)s",
        "for_detection": "for detection",
        "footer_alert": "You get this because your account asks for alerts. You can change that"
        " on the page of your account: %(url)s",
        "contact_subject": "Question about event %(id)s",
        "contact_head": "%(email)s of %(organisation)s asks about event %(id)s:",
        "contact_foot": "An answer to this mail goes to %(email)s.",
        "proposed_subject": "Changes are proposed to event %(id)s",
        "proposed_head": "Somebody proposes changes to an event of your organisation.",
        "proposed_by": "Proposed by",
        "proposed_foot": "Until one of them is settled, no other mail comes about this event's"
        " proposals.",
        "delegated_subject": "Event %(id)s is offered to your organisation",
        "delegated_head": "%(organisation)s asks your organisation to take event %(id)s over.",
        "footer_contact": "You get this because your account answers for your organisation's"
        " events. You can change that on the page of your account: %(url)s",
        "password_subject": "A new password for %(node)s",
        "welcome_subject": "Your account at %(node)s",
        "password_text": "Someone, most likely you, asked for a new password for your account"
        " at %(node)s.\n\nChoose one here:\n%(link)s\n\nThe link works once, for"
        " %(minutes)s minutes. If you did not ask for it, leave it: nothing changes.",
        "welcome_text": "You have an account at %(node)s (%(url)s). You sign in as %(email)s.\n\n"
        "Choose your password here:\n%(link)s\n\nThe link works once, for %(minutes)s minutes."
        " After that, ask for another one on the page to sign in.",
        "glass_subject": "%(number)s: a site admin reads it",
        "glass_text": "%(who)s broke the glass of case %(number)s, which you lead or work on, and"
        " reads it for some hours.\n\nThe reason given: %(because)s\n\n"
        "It stands in the case and in the ledger. Whoever leads it can end it there.\n\n%(link)s",
        "clock_subject": "%(number)s: due %(strict)s",
        "clock_text": "%(rule)s of case %(number)s is due.\n\nBy the strict count: %(strict)s\n"
        "Legal end: %(legal)s\n\n%(link)s",
        "notice_breach": "%(number)s: is the embargo broken?",
        "notice_known": "%(number)s: it is known to others before the embargo ends",
        "notice_published": "%(number)s: a linked event was published under embargo",
        "notice_ends": "%(number)s: the embargo ends soon",
        "notice_ended": "%(number)s: the embargo has ended",
        "notice_silent": "%(number)s: a vendor does not answer",
        "notice_awaited": "%(number)s: an answer is awaited",
        "awaited_text": "In case %(number)s an answer of yours is awaited, since %(since)s.\n\n"
        "%(link)s",
        "notice_text": "%(what)s\n\nWhat was seen, and what to do:\n%(link)s",
        "held_mail_subject": "%(number)s: mail is held",
        "held_mail_text": "Mail for case %(number)s, which you lead, is in doubt and waits for a"
        " decision: let it into the case, or leave it out.\n\n%(link)s\n\nYou get this once a day"
        " at most.",
        "clock_over_subject": "%(number)s: a deadline has passed",
        "clock_over_text": "The legal end of %(rule)s of case %(number)s has passed: %(legal)s.\n\n"
        "Report all the same, and record why it is late.\n\n%(link)s",
        "advisory_subject": "Advisory %(id)s concerns what you run",
        "advisory_text": "An advisory concerns products that your organisation registered.\n\n"
        "%(said)s\n\nWhich products, and what helps:\n%(link)s",
        "advisory_hidden": "What it says may not be sent by mail. Sign in to read it.",
        "advisories_subject": "%(count)s advisories concern what you run",
        "advisories_text": "%(count)s advisories concern products that your organisation"
        " registered.\n\nWhich ones, and what helps:\n%(link)s",
        "advisory_foot": "You get this because you asked for it on that page; there you can"
        " stop it.",
        "registration_subject": "Someone asks for an account",
        "registration_text": "%(email)s asks for an account at %(node)s.\n\nDecide here:\n%(link)s",
        "summary_subject": "Your summary: %(period)s",
        "daily": "the last day",
        "weekly": "the last week",
        "monthly": "the last month",
        "summary_head": "Published in %(period)s, as far as you may see it. Events:"
        " %(events)s. Attributes: %(attributes)s.",
        "summary_tags": "Most used tags",
        "footer_summary": "You get this because your account asks for summaries. You can change"
        " that on the page of your account: %(url)s",
        "text_foot": "Sent through %(node)s by %(email)s.",
        "test_subject": "Test of mail from %(node)s",
        "test_text": "This node can send mail: you are reading it.",
    },
    "nl": {
        "alert_subject": "Event %(id)s is gepubliceerd",
        "alert_head": "Er is een event gepubliceerd dat u mag zien.",
        "alert_hidden": "De inhoud mag niet per mail worden verstuurd. Log in om die te lezen.",
        "event": "Event",
        "link": "Link",
        "organisation": "Organisatie",
        "date": "Datum",
        "marking": "Markering",
        "info": "Onderwerp",
        "threat_level": "Dreigingsniveau",
        "levels": "hoog,middel,laag,onbepaald",
        "tags": "Tags",
        "attributes": "Attributen",
        "more": "en nog %(count)s",
        "withheld": "Met een strengere markering, en daarom niet in deze mail: %(count)s",
        "for_detection": "voor detectie",
        "footer_alert": "U krijgt dit omdat uw account om waarschuwingen vraagt. U verandert dat"
        " op de pagina van uw account: %(url)s",
        "contact_subject": "Vraag over event %(id)s",
        "contact_head": "%(email)s van %(organisation)s heeft een vraag over event %(id)s:",
        "contact_foot": "Een antwoord op deze mail gaat naar %(email)s.",
        "proposed_subject": "Er zijn wijzigingen voorgesteld op event %(id)s",
        "proposed_head": "Iemand stelt wijzigingen voor op een event van uw organisatie.",
        "proposed_by": "Voorgesteld door",
        "proposed_foot": "Totdat een daarvan is afgehandeld, komt er geen andere mail over de"
        " voorstellen op dit event.",
        "delegated_subject": "Event %(id)s wordt uw organisatie aangeboden",
        "delegated_head": "%(organisation)s vraagt uw organisatie om event %(id)s over te nemen.",
        "footer_contact": "U krijgt dit omdat uw account antwoordt voor de events van uw"
        " organisatie. U verandert dat op de pagina van uw account: %(url)s",
        "password_subject": "Een nieuw wachtwoord voor %(node)s",
        "welcome_subject": "Uw account bij %(node)s",
        "password_text": "Iemand, waarschijnlijk uzelf, vroeg om een nieuw wachtwoord voor uw"
        " account bij %(node)s.\n\nKies er hier een:\n%(link)s\n\nDe link werkt één keer,"
        " %(minutes)s minuten lang. Vroeg u er niet om, doe dan niets: er verandert niets.",
        "welcome_text": "U hebt een account bij %(node)s (%(url)s). U logt in als %(email)s.\n\n"
        "Kies hier uw wachtwoord:\n%(link)s\n\nDe link werkt één keer, %(minutes)s minuten lang."
        " Daarna vraagt u op de inlogpagina een nieuwe aan.",
        "glass_subject": "%(number)s: een beheerder leest mee",
        "glass_text": "%(who)s heeft het glas gebroken van zaak %(number)s, die u leidt of"
        " waaraan u werkt, en leest enkele uren mee.\n\nDe opgegeven reden: %(because)s"
        "\n\nHet staat in de zaak en in het register. Wie de zaak leidt, kan het daar beëindigen."
        "\n\n%(link)s",
        "clock_subject": "%(number)s: vervalt %(strict)s",
        "clock_text": "%(rule)s van zaak %(number)s vervalt.\n\nStreng geteld: %(strict)s\n"
        "Wettelijk einde: %(legal)s\n\n%(link)s",
        "notice_breach": "%(number)s: is het embargo doorbroken?",
        "notice_known": "%(number)s: het is bij anderen bekend voordat het embargo eindigt",
        "notice_published": "%(number)s: een gekoppeld event is onder embargo gepubliceerd",
        "notice_ends": "%(number)s: het embargo eindigt binnenkort",
        "notice_ended": "%(number)s: het embargo is geëindigd",
        "notice_silent": "%(number)s: een leverancier antwoordt niet",
        "notice_awaited": "%(number)s: er wordt op antwoord gewacht",
        "awaited_text": "In zaak %(number)s wordt op een antwoord van u gewacht, sinds %(since)s."
        "\n\n%(link)s",
        "notice_text": "%(what)s\n\nWat er is gezien, en wat te doen:\n%(link)s",
        "held_mail_subject": "%(number)s: er wordt mail vastgehouden",
        "held_mail_text": "Mail voor zaak %(number)s, die u leidt, is twijfelachtig en wacht op een"
        " beslissing: laat die toe tot de zaak, of laat die weg.\n\n%(link)s\n\nU krijgt dit"
        " hoogstens één keer per dag.",
        "clock_over_subject": "%(number)s: een termijn is verstreken",
        "clock_over_text": "Het wettelijke einde van %(rule)s van zaak %(number)s is verstreken:"
        " %(legal)s.\n\nMeld het toch, en leg vast waarom het te laat is.\n\n%(link)s",
        "advisory_subject": "Advies %(id)s raakt wat u gebruikt",
        "advisory_text": "Een beveiligingsadvies raakt producten die uw organisatie heeft"
        " opgegeven.\n\n%(said)s\n\nWelke producten, en wat helpt:\n%(link)s",
        "advisory_hidden": "De inhoud mag niet per mail worden verstuurd. Log in om die te lezen.",
        "advisories_subject": "%(count)s adviezen raken wat u gebruikt",
        "advisories_text": "%(count)s beveiligingsadviezen raken producten die uw organisatie"
        " heeft opgegeven.\n\nWelke, en wat helpt:\n%(link)s",
        "advisory_foot": "U krijgt dit omdat u er op die pagina om vroeg; daar zet u het ook"
        " weer uit.",
        "registration_subject": "Iemand vraagt om een account",
        "registration_text": "%(email)s vraagt om een account bij %(node)s.\n\nBeslis hier:\n"
        "%(link)s",
        "summary_subject": "Uw overzicht: %(period)s",
        "daily": "de afgelopen dag",
        "weekly": "de afgelopen week",
        "monthly": "de afgelopen maand",
        "summary_head": "Gepubliceerd in %(period)s, voor zover u het mag zien. Events:"
        " %(events)s. Attributen: %(attributes)s.",
        "summary_tags": "Meest gebruikte tags",
        "footer_summary": "U krijgt dit omdat uw account om overzichten vraagt. U verandert dat"
        " op de pagina van uw account: %(url)s",
        "text_foot": "Verstuurd via %(node)s door %(email)s.",
        "test_subject": "Test van mail van %(node)s",
        "test_text": "Deze node kan mail versturen: u leest die nu.",
    },
}


def say(language: str, text: str, **parts: object) -> str:
    """A text in a language; in English where there is none."""
    return TEXTS.get(language, TEXTS["en"])[text] % parts
