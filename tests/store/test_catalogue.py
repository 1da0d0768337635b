# SPDX-License-Identifier: EUPL-1.2
"""What the database's catalogue must say, whatever is added to the schema later."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

# Functions that run with their owner's rights, each looked at: what it may tell or change.
DEFINERS = {
    "organisation_reads_case": "whether people of an organisation may read a case's entry",
    "note_case_hooks": "notes for webhooks of those who take part that something happened",
    "read_case": "when what a reader of a case has last changed, from its parties and entries",
    "case_is_read": "trigger: the same of a new case, and of what its row says",
    "case_behind_glass": "which case a site admin means who breaks its glass",
    "publish_sightings": "sets one time of an event that the session sees",
    "groups_of": "ids of groups of an organisation; used in policies",
    "bump_audiences": "trigger: counts changes of memberships",
    "bump_principals": "trigger: counts changes of accounts, roles, keys and settings",
    "audiences_of": "ids of audiences of an organisation; used in policies",
    "intern_audience": "an id for a combination of owner and groups",
    "narrow": "an id for a level below a parent's audience",
    "bind_principal": "binds the transaction to a user",
    "misp_bridge_of": "the bridge whose key an account's is; part of who asks",
    "identify_user": "a user with its role, by id",
    "identify_key": "the same, by the hash of a key",
    "identify_web_session": "the same, by the hash of a cookie",
    "has_right": "whether the bound user has a right",
    "host_has_right": "whether the bound user is of the host and has one of some rights",
    "guard_bridge_key": "trigger: no key of a user for the account of a native bridge",
    "guard_bridge_account": "trigger: no password and no subject for it",
    "is_own_bridge": "whether the bound user is the account of a bridge",
    "is_own_partner": "whether the bound user acts for a partner",
    "may_extend": "whether the bound user may change a group",
    "may_grant": "whether the bound user may give a role",
    "may_act_for": "whether the bound user may touch another's keys and settings",
    "end_web_sessions": "trigger: removes the sessions of a changed user",
    "end_sessions_of_role": "trigger: removes the sessions of a changed role",
    "members_of": "how many users an organisation has",
    "count_accounts": "how many users the node has, and how many get encrypted mail",
    "has_otp": "whether an own, or an administered, account has a second factor",
    "forget_otp": "removes an own, or an administered, account's second factor",
    "email_taken": "whether an address is in use; asked by administrators who add users",
    "is_last_site_admin": "whether a node would lose its last site admin",
    "group_exists": "whether a group has a UUID",
    "group_in_use": "whether anything is shared with a group",
    "organisation_in_use": "whether anything names an organisation",
    "drafts_are_private": "a setting, and a lock on it",
    "reaudience_drafts": "recomputes audiences of drafts; for site admins and the system alone",
    "capture_organisation": "an organisation brought by a synchronising user",
    "claim_events": "locks events that the bound user may change",
    "event_audience": "an id for an event's own level",
    "reaudience_event": "recomputes audiences of the claimed event",
    "delete_event": "removes the claimed event",
    "recount_event": "counts of the claimed event",
    "count_added": "the same, by what was added to it",
    "count_deleted": "trigger: the same, by what was deleted or restored",
    "settle_event": "what references and notes in the claimed event point to",
    "touch_event": "time, counts and publication of the claimed event",
    "delete_object": "removes an object of the claimed event",
    "hand_on": "moves and copies what hangs on an attribute to another of the claimed event",
    "creator_email": "an address, for the same organisation",
    "organisations_in": "the organisations of an audience that the session is part of",
    "is_in_audience": "whether an organisation is part of an audience; says nothing of items",
    "case_arrivals": "which nodes said that entries of the session's organisation arrived",
    "membership": "how an organisation is in a group; `explain` asks for those who may know",
    "has_site_admin": "whether a user of an organisation is a site admin",
    "has_sighted": "whether the own organisation reported on an event",
    "intern_tags": "ids of tags by name",
    "search_values": "ids of attributes that the session sees",
    "index_values": "moves values into the dictionary",
    "schema_revision": "the number of the schema, no row of anyone's",
    "listed_batches": "how many writes wait for the dictionary",
    "delegate_of": "whom an event is delegated to; an id, asked while audiences are computed",
    "delegation_ended": "trigger: hides an event again",
    "accept_delegation": "hands an event to the organisation that was asked, for its users alone",
    "lock_proposal_mail": "the mail lock of an event that the session sees; whether it was free",
    "proposals_settled": "trigger: takes that lock away",
    "module_config": "what a module is to be told; for the modules' server alone",
    "claim_cluster": "locks a cluster that the bound user may change",
    "cluster_audience": "an id for a cluster's own level",
    "set_cluster_audience": "trigger: the audience of a written cluster",
    "set_element_audience": "trigger: an element's audience is its cluster's",
    "set_relation_audience": "trigger: a relation's audience is its cluster's, narrowed",
    "reaudience_cluster": "trigger: what belongs to a cluster follows its audience",
    "capture_galaxy": "the id of a galaxy that a cluster is brought with; for galaxy editors",
    "warninglist_changed": "tells every process that the lists changed",
    "patterns_changed": "trigger: tells every process that regular expressions changed",
    "renumber": "gives a row another number, in a node that is being moved into; for site admins",
    "rename_in_audiences": "another owner or group in audiences; for the two beside it alone",
    "merge_organisation": "one organisation into another, with what is seen; for site admins",
    "number_behind": "raises a sequence; for site admins and the system alone",
    "analyst_parent": "id and audiences of what analyst data is about, as an organisation sees it",
    "place_analyst_data": "trigger: who sees a row of analyst data",
    "follow_analyst_data": "trigger: the same for what is said about that row",
    "settle_analyst_data": "the same after items of the claimed event changed",
    "settle_on_cluster": "trigger: the same after a cluster changed",
    "list_is_used": "whether a blocklist is switched on",
    "is_blocked": "whether a UUID is kept out; answered to whoever sends an item of it",
    "count_blocked": "counts what was kept out; tells nothing",
    "block_deleted_event": "keeps the claimed event out that is being deleted",
    "block_deleted_analyst_data": "trigger: keeps deleted analyst data out",
    "block_deleted_cluster": "trigger: keeps deleted own clusters out",
    "place_collection": "trigger: who sees a collection",
    "place_entry": "trigger: who, when and with what salt; marks an entry of the ledger as pending",
    "erase_entry": "takes content and salt from an entry of the ledger; for the system alone",
    "queue_server_push": "notes that something published goes to servers; tells nothing",
    "take_over_event": "has an event held by who made it; for the system alone",
    "newer_than_crossed": "trigger: gives a published event a later time than what crossed of it",
    "note_change": "notes that published events changed; tells nothing",
    "note_cluster": "the same of events that carry a tag; for the two triggers below alone",
    "cluster_changed": "trigger: events that use a changed cluster are looked at again",
    "cluster_relation_changed": "trigger: the same for what a cluster is related to",
    "note_withdrawal": "notes that the claimed event is taken back; tells nothing",
    "event_changed": "trigger: the same for an event",
    "sighting_taken_back": "trigger: notes what its author or the event's maker took back",
    "analyst_data_taken_back": "trigger: the same for notes, opinions and relationships",
    "proposal_taken_back": "trigger: the same for proposals that are settled",
    "event_unsaid": "trigger: with the last copy of an event nothing of that is kept",
    "children_changed": "trigger: the same for what hangs on an event",
    "bridge_opened": "trigger: notes all published events for a bridge that opens",
    "place_crossing": "trigger: who sees a crossing",
    "bridge_stuck": "how many events of a bridge could not be looked at",
    "bridge_lag": "how many changes a bridge is behind",
    "group_changed": "trigger: the same for the events of a group",
    "intern_case_audience": "an id for organisations and users; used in policies of cases",
    "my_case_org": "id of the organisation for which the bound user sees cases",
    "case_entry_audience": "an id for who may read an entry of a case; says nothing of it",
    "reaudience_case": "recomputes audiences of a case from those who take part",
    "parties_changed": "trigger: the same",
    "place_case_entry": "trigger: whose an entry is, who reads it, its place in the ledger",
    "case_is_due": "notes that a case has to be looked at for an organisation's bridges",
    "all_cases_are_due": "the same of all cases of a bridge",
    "node_of_organisation": "the UUID of a partner's node",
    "next_case_number": "the next number of a kind; for the system alone",
    "take_case": "an empty case that nobody sees; for the system alone",
    "place_advisory_release": "trigger: who released an advisory, its place in the ledger",
    "reads_released_advisories": "whether the bound user is a person and no partner's account",
    "catalogue_audience": "an id for a source's level under a label",
    "catalogue_like": "ids of advisories with a text in them that the session sees",
    "tally_case": "counts a case for those who take part in it; for the system alone",
    "parties_counted": "trigger: the same",
    "notified_counted": "trigger: counts what an authority was notified of for its readers",
    "parties_viewed": "trigger: notes that what readers of a case are shown is to be made anew",
    "person_viewed": "trigger: the same of a person who is of another organisation now",
    "case_narrow": "who has which entries for some; to whoever has the whole case at hand",
    "case_uncounted": "trigger: takes a deleted case out of what is counted",
    "open_case": "a case of the bound user's organisation, where the user may work on cases",
}


@pytest.fixture
def owner(database_url: str, as_role: Callable[[str, str], str]) -> Iterator[psycopg.Connection]:
    with psycopg.connect(as_role(database_url, "brug_owner")) as connection:
        yield connection


def test_every_table_has_row_level_security(owner: psycopg.Connection) -> None:
    rows = owner.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'brug'::regnamespace"
        " AND relkind IN ('r', 'p') AND NOT relrowsecurity AND relname <> 'alembic_version'"
    ).fetchall()
    assert rows == []


def test_applications_are_granted_nothing_on_tables_without_a_policy_for_them(
    owner: psycopg.Connection,
) -> None:
    rows = owner.execute(
        "SELECT c.relname, r.rolname FROM pg_class c"
        " CROSS JOIN (SELECT oid, rolname FROM pg_roles"
        "   WHERE rolname IN ('brug_app', 'brug_all')) r"
        " WHERE c.relnamespace = 'brug'::regnamespace AND c.relkind = 'r'"
        " AND has_table_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, DELETE')"
        " AND c.relname <> 'alembic_version'"
        " AND NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid"
        "   AND (r.oid = ANY (p.polroles) OR 0 = ANY (p.polroles)))"
    ).fetchall()
    assert rows == []


def test_definers_are_listed_here_and_fix_their_search_path(owner: psycopg.Connection) -> None:
    rows = owner.execute(
        "SELECT proname, coalesce(array_to_string(proconfig, ','), '') FROM pg_proc"
        " WHERE pronamespace = 'brug'::regnamespace AND prosecdef"
    ).fetchall()
    found = {str(name) for name, _ in rows}
    assert found - DEFINERS.keys() == set(), "look at them, then list them"
    assert [name for name, config in rows if "search_path=brug, pg_temp" not in config] == []


def test_no_view_and_no_materialised_view_reads_with_its_owners_rights(
    owner: psycopg.Connection,
) -> None:
    rows = owner.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'brug'::regnamespace"
        " AND (relkind = 'm' OR (relkind = 'v' AND NOT coalesce(reloptions @>"
        "   ARRAY['security_invoker=true'], false)))"
    ).fetchall()
    assert rows == []


def test_no_role_of_applications_may_bypass_policies(owner: psycopg.Connection) -> None:
    rows = owner.execute(
        "SELECT rolname FROM pg_roles WHERE rolname LIKE 'brug%%'"
        " AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)"
    ).fetchall()
    assert rows == []


def test_without_a_principal_there_are_no_rows(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        for query in (
            "SELECT count(*) FROM event",
            "SELECT count(*) FROM attribute",
            "SELECT count(*) FROM organisation",
            "SELECT count(*) FROM account",
        ):
            row = connection.execute(query).fetchone()
            assert row == (0,)


def test_whatever_a_principal_is_made_of_is_counted_when_it_changes(
    owner: psycopg.Connection,
) -> None:
    """By the view's own columns: one that is added there needs its trigger."""
    read = set(
        owner.execute(
            "SELECT DISTINCT c.relname, a.attname FROM pg_depend d"
            " JOIN pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass"
            " JOIN pg_class c ON c.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = c.oid"
            " AND a.attnum = d.refobjsubid WHERE r.ev_class = 'brug.principal'::regclass"
            " AND d.refobjsubid > 0 AND c.relname <> 'principal'"
        ).fetchall()
    ) | {
        ("auth_key", name) for name in ("hash", "user_id", "read_only", "allowed_ips", "expiration")
    }
    counted = set(
        owner.execute(
            "SELECT c.relname, a.attname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
            " WHERE t.tgname = 'principals_changed'"
            " AND (t.tgattr = '' OR a.attnum = ANY (t.tgattr::int2[]))"
        ).fetchall()
    )
    # An id is for ever.
    assert {("account", "email"), ("setting", "value")} <= read
    assert {pair for pair in read - counted if pair[1] != "id"} == set()
