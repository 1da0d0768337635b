# SPDX-License-Identifier: EUPL-1.2
"""What pages say where something of bridges, servers or mail was refused: codes -> texts.

What only nodes say to each other is not here: it goes into what the operator is told of a bridge.
"""

from brug.web.languages import N_

ERRORS = {
    "already_held": N_("This event is under a legal hold already."),
    "under_hold": N_("This event is kept for a legal reason. The hold has to end first."),
    "agreement_accepted": N_("This version has been accepted already."),
    "no_invitation_there": N_("The other node did not take part in this as expected."),
    "no_invitation": N_(
        "This invitation is not open any more: it was accepted, withdrawn, or old."
    ),
    "local_organisation": N_(
        "The partner says that it is an organisation which uses this node itself; that cannot be."
    ),
    "bridge_state": N_(
        "The bridge is in a state that this does not follow from. Look at it again."
    ),
    "bridge_not_open": N_("The bridge is not open at this side."),
    "not_held": N_("This is not held any more: it was judged, or the event has changed since."),
    "not_by_people": N_(
        "No person can release this: it waits for something else, which its reasons name."
    ),
    "second_person": N_(
        "You have said yes to this already; the agreement asks for a second person."
    ),
    "cannot_recall": N_("Nothing that could be recalled crossed this bridge."),
    "held_here": N_("An organisation of this node holds this event; propose the change to it."),
    "permission_state": N_("The permission is not in a state that this may follow."),
    "node_not_described": N_("This node has no public address or host organisation yet."),
    "ledger_stopped": N_("The ledger signs no checkpoints at the moment; its operator knows why."),
    "not_erasable": N_("This entry was erased before, or has no place in the tree yet."),
    "not_provable": N_(
        "This entry is recorded; it can be proved in a moment, once a checkpoint covers it."
    ),
    "cannot_post": N_(
        "No letter can go to this partner yet: it needs a contact, with a key where mail may only"
        " go encrypted, and mail that may say what is in events."
    ),
    "mail_unreachable": N_("The mail server does not answer."),
    "cannot_bind": N_(
        "A bridge is put over a user of another organisation that synchronises, is no site admin"
        " and has no bridge yet."
    ),
    "no_sync_role": N_(
        "No role has the rights to synchronise (sync, add, modify) without being an admin's."
    ),
    "no_server_key": N_("The key that this server made for us is not known here. Enter it first."),
    "server_failed": N_("The server did not answer as one that speaks this interface."),
    "event_not_taken": N_("This node cannot take the event in as it came."),
    "feed_busy": N_("The feed is being fetched at this moment."),
    "feed_web_page": N_("A web page came instead of the feed; nothing was changed."),
    "feed_empty": N_("The feed holds no value; nothing was changed."),
    "feed_incomplete": N_("Events that the feed lists could not be read. Try again later."),
    "bad_answer": N_("What came back is not a signed answer of the partner."),
    "needs_connecting": N_(
        "The partner holds no valid key of this node. Connect the two nodes anew."
    ),
    "partner_refused": N_("The partner refused this."),
    "not_reached": N_("The other side could not be reached."),
    "not_allowed_out": N_(
        "This address may not be asked; the setting outgoing.private_networks says which may."
    ),
}
