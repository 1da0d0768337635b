# SPDX-License-Identifier: EUPL-1.2
"""What the pages call things: numbers and codes of the model -> texts to translate."""

from brug.web import bridge_errors
from brug.web.languages import N_

LEVELS = {
    0: N_("Own organisation"),
    1: N_("This community"),
    2: N_("Connected communities"),
    3: N_("All communities"),
    4: N_("Sharing group"),
    5: N_("As its parent"),
}
THREATS = {1: N_("High"), 2: N_("Medium"), 3: N_("Low"), 4: N_("Undefined")}
ANALYSES = {0: N_("Initial"), 1: N_("Ongoing"), 2: N_("Completed")}
SIGHTINGS = {0: N_("Sighting"), 1: N_("False positive"), 2: N_("Expired")}
ACTS = {
    "add": N_("Added"),
    "edit": N_("Changed"),
    "delete": N_("Deleted"),
    "publish": N_("Published"),
    "unpublish": N_("Unpublished"),
    "tag": N_("Tagged"),
    "untag": N_("Tag removed"),
    "remove_tag": N_("Tag removed"),
    "soft-delete": N_("Deleted"),
    "merge": N_("Merged"),
    "protect": N_("Protected"),
    "unprotect": N_("No longer protected"),
    "enrich": N_("Looked up elsewhere"),
    "contact": N_("Question sent to the owner"),
    "publish_sightings": N_("Sightings published"),
    "delegate": N_("Asked another organisation to take it over"),
    "accept_delegation": N_("Taken over"),
    "discard_delegation": N_("Request to take it over called off"),
    "login": N_("Signed in"),
    "logout": N_("Signed out"),
    "remove": N_("Removed"),
    "restore": N_("Restored"),
    "accept": N_("Accepted"),
    "discard": N_("Discarded"),
    "create": N_("Created"),
    "import": N_("Imported"),
    "update": N_("Updated"),
    "detach": N_("Detached"),
    "execute": N_("Carried out"),
    "burst": N_("Failed too often"),
    "email": N_("Mail sent"),
    "request": N_("Call made"),
    "change_pw": N_("Password changed"),
    "totp_new": N_("One-time codes set up"),
    "totp_delete": N_("One-time codes taken away"),
    "hotp_new": N_("New codes on paper"),
    "invite": N_("Invited"),
    "withdraw": N_("Invitation withdrawn"),
    "connect": N_("Nodes connected"),
    "confirm": N_("Authentication string compared"),
    "keys": N_("Keys of a partner changed"),
    "rotate": N_("Key replaced"),
    "revoke": N_("Key revoked"),
}
KINDS = {
    "event": N_("Event"),
    "attribute": N_("Attribute"),
    "object": N_("Object"),
    "event_report": N_("Report"),
}
TITLES = {
    400: N_("This does not fit"),
    403: N_("You may not do this"),
    404: N_("Nothing here"),
    405: N_("This cannot be done here"),
    409: N_("This was changed or exists already"),
    413: N_("This is too large"),
    429: N_("Too many attempts"),
    500: N_("Something went wrong"),
    503: N_("Not available now"),
}
ERRORS = {
    "error": N_("Something went wrong. The error number leads the operator to the cause."),
    "not_found": N_("There is no such item, or you may not see it."),
    "forbidden": N_("You do not have permission to do this."),
    "delegation_off": N_("Handing events over is switched off on this node."),
    "conflict": N_("This was changed or exists already."),
    "too_fast": N_("Too much was written within the hour. Wait, and try again."),
    "too_many_requests": N_("Too many attempts. Wait a few minutes and try again."),
    "unavailable": N_("This is not available at the moment. Try again later."),
    "wrong_credentials": N_("E-mail address or password is wrong, or the account is closed."),
    "form_expired": N_(
        "This form was not sent from a page of yours, or you have signed in again since."
        " Nothing was changed. Go back, reload the page and send it again."
    ),
    "in_use": N_("This is in use and can not be removed."),
    "sharing_group": N_("The sharing group does not exist, or you are not in it."),
    "event_exists": N_("An event with this identifier exists already."),
    "empty_published": N_("A published event must hold something."),
    "already_there": N_("That is in the sharing group already."),
    "not_there": N_("That is not in the sharing group."),
    "not_understood": N_("This request could not be understood."),
    "too_large": N_(
        "This is larger than the node takes. Split it, or ask the administrator about the limit."
    ),
    "cannot_accept": N_("What is proposed does not fit the event any more; discard it."),
    "not_delegable": N_("Only an event that your own organisation alone sees is handed over."),
    "asked_already": N_("Somebody is asked to take this event over already. Call that off first."),
    "held_already": N_("Your organisation has this event, or a part of it, already."),
    "tag_attached": N_("It carries this tag already."),
    "tag_not_attached": N_("It does not carry this tag."),
    "tag_exclusive": N_("Another tag of the same taxonomy excludes this one."),
    "tag_local_only": N_("This tag can only be added as a local one."),
    "wrong_code": N_("This code is wrong, was used already, or is too old."),
    "step_ended": N_("That took too long. Sign in again."),
    "link_ended": N_("This link does not work any more. Ask for another one."),
    "not_let_in": N_("The provider knows you, but nothing there gives you an account here."),
    "flow_ended": N_("That sign-in did not come from here or took too long. Try again."),
    "bad_token": N_("The provider's word for who you are does not hold."),
    "bad_provider": N_("The provider that you sign in with does not answer as it should."),
    "other_string": N_(
        "The strings differ. Somebody may be in between: do not open this bridge, close it and"
        " invite again over another way."
    ),
    "not_here": N_("This document is not on this node yet: its author's node has it."),
    "taken_back": N_("This document was taken back."),
    "damaged": N_(
        "This was changed or lost on the node's disk, and is not given out. Tell the administrator:"
        " a backup may hold it."
    ),
    "no_method": N_("This address cannot be used in that way."),
    "crossed": N_(
        "Somebody else has just changed this. Look at it again and repeat what is missing."
    ),
    "too_slow": N_("This took too long. Ask for less, or try again later."),
    "no_room": N_(
        "The disk of this node is full, and nothing was stored. Try again once there is room."
    ),
    **bridge_errors.ERRORS,
}
# Why a field of the directory was refused (brug.directory.refusals.Refused.reason).
REFUSALS = {
    "missing": N_("Fill this in."),
    "empty": N_("Fill this in."),
    "type": N_("This is not the kind of value that fits here."),
    "taken": N_("This is in use already; choose another."),
    "long": N_("This is too long."),
    "many": N_("These are too many."),
    "types": N_("Give types of attributes, such as ip-dst."),
    "characters": N_("This holds characters that cannot be kept."),
    "email": N_("Give an e-mail address, such as name@organisation.example."),
    "domain": N_("This organisation takes addresses of its own domain only."),
    "date": N_("Give a date such as 2030-01-31."),
    "range": N_("This number is out of bounds."),
    "network": N_("Give addresses or networks, such as 192.0.2.0/24."),
    "wider": N_("These addresses are wider than those of the key in use."),
    "uuid": N_("Give a UUID."),
    "short": N_("This password is too short."),
    "plain": N_("Use both cases and a digit or sign, or at least 16 characters."),
    "wrong": N_("This is not your current password."),
    "same": N_("Choose another password than the one you have."),
    "unknown": N_("There is no such thing on this node."),
    "forbidden": N_("You can only give rights that you have yourself."),
    "choice": N_("Choose one of the list."),
    "timezone": N_("Give a time zone such as Europe/Amsterdam."),
    "gpgkey": N_("Give an OpenPGP public key."),
    "wrong_code": N_("This is not the code that holds now."),
    "certif_public": N_("Give a certificate."),
    "certificate": N_("Give a certificate in PEM."),
    "holds_key": N_("Give certificates alone: this holds a private key."),
    "no_certificate": N_("Give the certificate of this key."),
    "no_key": N_("Give the private key of this certificate."),
    "private_key": N_("Give a private key in PEM, such as one of RSA or of a curve."),
    "encrypted": N_("This key has a password. Give it without one; it is kept sealed here."),
    "fit": N_("This key is not the one of the certificate."),
    "tls": N_("TLS does not take this certificate; its key may be too short."),
    "proxy": N_("Give the address of a proxy that begins with http:// or https://."),
    "address": N_("Give an address that begins with https://."),
    "key": N_("A key has 40 letters and digits."),
    "json": N_("Give a JSON object."),
    "folder": N_("Give a path in one of the folders that the settings name."),
    "name": N_("Use small letters and digits with a hyphen between, such as public-indicators."),
    "itself": N_("Choose another than itself."),
    "host": N_("The organisation that runs this node stays. Let another run it first (settings)."),
    "node": N_("A partner's node speaks as this organisation. Close the bridge to it first."),
}
# Rules of the sharing rule (brug.intel.visibility.Rule.code); %(...)s are the rule's `about`.
RULES = {
    "holder": N_("%(org)s holds the event, and sees everything in it."),
    "not_holder": N_("%(org)s does not hold the event."),
    "delegate": N_("%(org)s is asked to take the event over, and sees it until that is settled."),
    "published": N_("The event is published, so the rule for drafts does not apply."),
    "draft_private": N_("The event is a draft, and this node keeps drafts to their holder."),
    "draft_shared": N_("The event is a draft; this node shows drafts like published events."),
    "level_own": N_("%(kind)s: only for the organisation that holds it."),
    "level_inherit": N_("%(kind)s: takes the level above it."),
    "level_open": N_("%(kind)s: for everyone on this node."),
    "level_unknown": N_("%(kind)s: has no level that is known."),
    "member": N_("%(kind)s: for group %(group)s, which names %(org)s."),
    "member_of_node": N_("%(kind)s: for group %(group)s, which holds all who use this node."),
    "not_member": N_("%(kind)s: for group %(group)s; %(org)s is not in it."),
    "not_local": N_("%(org)s does not use this node; it sees what is sent to it."),
    "site_admin": N_("A site admin of %(org)s sees every event of this node all the same."),
}
OUTCOMES = {
    "sees": (N_("Shows it"), "good"),
    "hides": (N_("Hides it"), "bad"),
    "passes": (N_("Lets through"), None),
    "notes": (N_("Remark"), "warn"),
}
REASONS = {
    "holder": N_("Holds the event"),
    "member": N_("Named in the sharing group"),
    "member_of_node": N_("Uses this node, and the group holds all who do"),
    "level_open": N_("Uses this node"),
    "delegate": N_("Asked to take it over"),
}
# Groups of settings (the part of a name before its point).
GROUPS = {
    "node": N_("Node"),
    "events": N_("Events"),
    "sightings": N_("Sightings"),
    "limits": N_("Limits"),
    "security": N_("Security"),
    "web": N_("Web"),
    "outgoing": N_("Requests that leave the node"),
    "mail": N_("Mail"),
    "sign_in": N_("Signing in"),
    "enrichment": N_("Looking up"),
    "cases": N_("Cases"),
    "advisories": N_("Advisories"),
    "cve": N_("CVE numbers"),
    "disclosure": N_("Disclosures"),
    "feeds": N_("Feeds"),
    "servers": N_("Servers"),
    "bridges": N_("Bridges"),
}
