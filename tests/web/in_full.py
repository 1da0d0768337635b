# SPDX-License-Identifier: EUPL-1.2
"""A node on which everything is switched on, and somebody has used it.

What is off by default is absent, and a test of every page would pass it by.
"""

from __future__ import annotations

import socket
import tempfile
from base64 import b64encode
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import msgspec
from psycopg.types.json import Jsonb
from tests.bridges.stranger import Stranger
from tests.cases.catalogue import made as catalogued
from tests.web.node import CANARY, PASSWORD, REPORT, Node

from brug.bridges import agreements, connecting, ledger
from brug.bridges.feeds import published
from brug.bridges.gate import permissions
from brug.bridges.ledger import logs, partner_logs, sequencer
from brug.bridges.mail import mailboxes
from brug.bridges.partners import BridgeRow
from brug.cases import acts, documents, files, keeping, templates
from brug.cases.advisories import editing
from brug.cases.calendar import feeds as calendars
from brug.cases.catalogue import inventory, settling, taking
from brug.cases.catalogue.sources import records
from brug.cases.crisis import acknowledging
from brug.cases.documents import Told
from brug.cases.embargoes import alarms
from brug.cases.persons import arriving, joining
from brug.cases.templates import Part, Task, Template
from brug.directory import account_changes, password_links, registrations, role_changes
from brug.intel import delegating
from brug.intel.feed import feeds, refusing
from brug.intel.patterns import allowed, import_rules
from brug.intel.proposal import proposing
from brug.store import settings
from brug.store.session import Session

RIGHTLESS = "rightless"


def _agreement(session: Session, bridge: BridgeRow) -> int:
    """A version that this side proposed; its number."""
    both = sorted([agreements.host(session)[0], str(bridge.org_uuid)])
    terms = {
        "our_country": "NL", "their_country": "BE", "senders": both,
        "purposes": ["cyber-defence", "research"], "legal_basis": CANARY, "document": CANARY,
        "valid_from": "2026-01-01T00:00:00Z", "release": {"when": ["red"], "by": CANARY},
        "personal_data": {"transfer": {"tool": "scc", "scope": CANARY, "document": CANARY}},
    }  # fmt: skip
    return agreements.propose(session, bridge, agreements.draft(session, bridge, terms)).id


def _mailbox(session: Session, bridge: BridgeRow) -> int:
    """The same organisation by mail, with a contact that got nothing; the bridge's number."""
    made = mailboxes.add(session, str(bridge.org_uuid), {"name": "Letters " + CANARY})
    mailboxes.put_contact(session, made, {"email": "contact@partner.example"})
    session.execute("UPDATE mail_contact SET problem = %s", (CANARY,))
    return made.id


def _permission(session: Session) -> int:
    """That a source was asked; its number."""
    uuid = session.value("SELECT uuid::text FROM event ORDER BY id LIMIT 1")
    given = {"event_uuid": uuid, "from_label": "amber", "to_label": "green", "source": CANARY}
    return permissions.ask(session, given).id


def _case(node: Node) -> int:
    """A case with something hostile in each of its acts; its id."""
    with node.database.as_user(node.ids["admin"]) as session:
        made = keeping.open_case(
            session, "incident", "Case " + CANARY, {"summary": REPORT, "services": [CANARY]}
        )
        bank, mine = str(uuid4()), files.view(session, made.uuid)[1].present[0].id
        org = session.value("SELECT uuid::text FROM organisation WHERE name = 'Bank ISAC'")
        event = session.value("SELECT uuid::text FROM event WHERE id = %s", (node.events["open"],))
        at, zone = "2026-11-27T08:00:00Z", "Europe/Amsterdam"
        own, mine_too = session.principal.org_uuid, str(uuid4())
        for doing in (
            acts.Renamed(title="Title " + CANARY, because=CANARY),
            acts.Joined(participant=bank, org=org, name="Bank " + CANARY, role="entity"),
            acts.Joined(participant=str(uuid4()), org=str(uuid4()), name=CANARY, role="observer"),
            acts.Joined(participant=mine_too, org=own, name="We " + CANARY, role="authority"),
            acts.Recorded(
                fact="early_warning_received_at", at=at, zone=zone, source=CANARY, of=mine_too
            ),
            acts.Filled(fields={"contact": CANARY, "countries": ["NL"]}, because=CANARY),
            acts.Recorded(fact="aware_at", at=at, zone=zone, source=CANARY, because=CANARY),
            acts.Recorded(fact="aware_at", at=at, zone=zone, source=CANARY, because=CANARY),
            acts.Decided(question=CANARY, outcome=REPORT, because=CANARY),
            acts.Planned(task=str(uuid4()), title=CANARY, assignee=bank, due=at),
            acts.Linked(kind="event", uuid=event, title=CANARY),
            acts.Linked(kind="event", uuid=str(uuid4()), title=CANARY),
            acts.Marked(tlp="amber+strict", pap="red", because=CANARY),
            acts.Embargoed(until=at, zone=zone, because=CANARY),
            acts.Moved(machine="nis2", trigger="assess", leaves="detected", of=bank),
            acts.Filled(
                fields={
                    "crisis_criteria": CANARY,
                    "crisis_decided_by": CANARY,
                    "bodies_informed": [CANARY],
                    "severity_set": "large",
                    "severity_because": CANARY,
                }
            ),
            acts.Moved(machine="crisis", trigger="to_technical", leaves="none", because=CANARY),
            acts.Moved(machine="phase", trigger="dismiss", leaves="detection", because=CANARY),
        ):
            keeping.act(session, made.uuid, doing)
        for to in ((), (bank,), (bank, mine)):
            said = keeping.act(session, made.uuid, acts.Said(text=REPORT), to).id
            acknowledging.ask(session, made.uuid, said, CANARY)
        told = Told(
            name="' onerror='window.hit=1 {{7+7}}.html", media_type="text/html", because=CANARY
        )
        page = BytesIO(f"<html>{CANARY}".encode())
        attached = documents.attach(session, made.uuid, page, told).act
        assert isinstance(attached, acts.Attached)
        node.document = attached.document
    return made.id


def _disclosure(node: Node) -> tuple[int, int]:
    """A disclosure under embargo, with an alarm and a draft of an advisory; the ids of both."""
    fields = {
        "summary": REPORT, "products": [CANARY], "cve": ["CVE-2026-0042"], "credit": CANARY,
        "cvss_31": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
    }  # fmt: skip
    with node.database.system() as session:
        settings.set_value(session, "advisories.namespace", "https://csirt.example")
    with node.database.as_user(node.ids["admin"]) as session:
        made = keeping.open_case(session, "disclosure", "Disclosure " + CANARY, fields)
        doing = acts.Embargoed(until="2190-01-31T09:00:00Z", zone="UTC", because=CANARY)
        keeping.act(session, made.uuid, doing)
        advisory, _ = editing.begin(session, made.uuid, "clear")
    about = {"cve": "CVE-2026-0042", "who": CANARY, "where": "advisory", "reference": "1"}
    with node.database.system() as session:
        alarms.raised(session, made.id, "breach", CANARY, about)
    return made.id, advisory.id


def _crossings(node: Node, session: Session, bridge_id: int) -> None:
    """A crossing that is held, a recall that waits for a person and a version beside."""
    event_id = node.events["open"]
    uuid = session.value("SELECT uuid FROM event WHERE id = %s", (event_id,))
    reason = {"rule": "marking", "outcome": "hold", "text": CANARY, "where": "event",
              "code": "unreadable_own", "about": {"label": CANARY}}  # fmt: skip
    node.items["crossing"] = session.value(
        "INSERT INTO crossing (bridge_id, outward, kind, event_uuid, event_id, info, version,"
        " digest, outcome, releasable, reasons, state, problem)"
        " VALUES (%s, true, 'event', %s, %s, %s, 1, '\\x00', 'hold', true, %s, 'held', %s)"
        " RETURNING id",
        (bridge_id, uuid, event_id, "Event " + CANARY, Jsonb([reason]), CANARY),
    )
    node.items["recall"] = session.value(
        "INSERT INTO recall_asked (bridge_id, event_uuid, version, because, state)"
        " VALUES (%s, %s, 1, %s, 'asked') RETURNING id",
        (bridge_id, uuid, CANARY),
    )
    document = {"uuid": str(uuid), "info": CANARY, "timestamp": "1"}
    node.items["version"] = session.value(
        "INSERT INTO version_beside (bridge_id, event_uuid, event_id, version, document)"
        " VALUES (%s, %s, %s, 1, %s) RETURNING id",
        (bridge_id, uuid, event_id, Jsonb(document)),
    )


def _partner_logs(session: Session, bridge: BridgeRow) -> int:
    """One that is followed, with a checkpoint, and the next, which waits for a person."""
    first = partner_logs.follow(session, bridge, "partner.example/log", None)
    session.execute(
        "INSERT INTO partner_checkpoint (partner_log_id, size, note, line) VALUES (%s, 1, %s, '')",
        (first.id, f"partner.example/log\n1\n{b64encode(bytes(32)).decode()}\n\n"),
    )
    opening = {"origin": "partner.example/log", "size": 7, "reason": CANARY}
    partner_logs.follow(session, bridge, "partner.example/log/2", opening)
    return first.id


def fill(node: Node) -> None:
    """Proposals, a delegation, a request for an account, a link for a password, regular
    expressions, a bridge; and a person whose role has no right at all.
    """
    _switch_on(node)
    with node.database.as_user(node.ids["admin"]) as session:
        role = role_changes.add(session, {"name": "Without a right"}, ())
        given = {"email": node.email(RIGHTLESS), "org_id": node.orgs["Bank ISAC"]}
        given |= {"role_id": role.id, "password": PASSWORD, "change_pw": False}
        node.ids[RIGHTLESS] = account_changes.add(session, given).account.id
        node.items["allowed"] = allowed.add(session, f"#{CANARY}#").id
        node.items["published_feed"] = published.add(session, {"name": "public-feed"})[0].id
        one = refusing.NewRefusal("value", "line 1", CANARY, CANARY)
        refusing.note(session, feeds.listed(session)[0].id, [one])
        (rule,) = import_rules.add(session, f"#{CANARY}$#", CANARY, ["comment"])
        node.items["rule"] = rule.id
    with node.database.system() as session:
        asked = {"email": "new@people.example", "org_name": CANARY, "message": CANARY}
        registrations.ask(session, asked, "192.0.2.7", CANARY)
        node.items["registration"] = session.value("SELECT id FROM registration")
        bridge, _ = Stranger("Partner " + CANARY).connected(session, "Bridge " + CANARY)
        node.items["bridge"] = bridge.id
        node.items["agreement"] = _agreement(session, bridge)
        node.items["mailbox"] = _mailbox(session, bridge)
        _crossings(node, session, bridge.id)
        node.items["permission"] = _permission(session)
        node.items["partner_log"] = _partner_logs(session, bridge)
        ledger.record(session, "test", {"name": CANARY}, bridge_id=bridge.id)
        node.entry = str(ledger.record(session, "act", {"model": CANARY, "name": CANARY}))
        node.invitation = str(connecting.invite(session, "Invited " + CANARY).bridge)
        node.token = password_links.make(session, node.ids["publisher"])
    with tempfile.TemporaryDirectory() as folder:
        sequencer.catch_up(node.database, Path(folder))
    with node.database.system() as session:
        node.items["log"] = logs.of(session).id
    said = {"value": "198.51.100.7", "type": "ip-dst", "comment": CANARY}
    for event, who in (("open", "police"), ("own", "lead")):
        with node.database.as_user(node.ids[who]) as session:
            node.proposals[event] = proposing.propose_attribute(session, node.events[event], said)
    node.items["case"] = _case(node)
    node.items["disclosure"], node.items["own_advisory"] = _disclosure(node)
    with node.database.as_user(node.ids["admin"]) as session:
        address = calendars.make(session, CANARY)[1]
    node.items["calendar"] = address.rpartition("/")[2][:-4]  # type: ignore[assignment]
    _catalogue(node)
    _outside(node)
    with node.database.as_user(node.ids["admin"]) as session:
        template = Template(
            name=CANARY, kind="incident", title="{date} " + CANARY, about=CANARY,
            fields={"summary": REPORT}, tasks=(Task(title=CANARY, after="P2D", who=CANARY),),
            participants=(Part(org=CANARY, role="observer", name=CANARY),),
        )  # fmt: skip
        node.items["case_template"] = templates.add(session, template).id
    with node.database.as_user(node.ids["lead"]) as session:
        wanted = delegating.Wanted(node.orgs["CSIRT Noordland"], CANARY)
        node.items["delegation"] = delegating.ask(session, node.events["own"], wanted)


def _outside(node: Node) -> None:
    """Somebody without an account in the case, and a mail of theirs that is held."""
    with node.database.as_user(node.ids["admin"]) as session:
        given = {"email": "vera@maker.example", "name": CANARY[:90], "role": "observer"}
        made = joining.invite(session, str(node.items["case"]), given)
        node.items["person"] = made.participant  # type: ignore[assignment]
    mail = EmailMessage()
    mail["From"], mail["To"] = f'"{CANARY[:20]}" <m@evil.example>', "node@csirt.example"
    mail["Subject"] = CANARY
    mail.set_content(REPORT + CANARY)
    mail.add_attachment(b"x", "text", "html", filename=CANARY)
    with node.database.system() as session:
        session.execute("UPDATE case_person SET problem = %s", (CANARY,))
        arriving.arrive(session, mail.as_bytes(), 1)
        node.items["held_mail"] = session.value("SELECT max(id) FROM case_mail")


def _catalogue(node: Node) -> None:
    """An advisory of another, and a register with a product that it concerns and a bill."""
    pump = catalogued.product(CANARY, "1.0", vendor=CANARY, purl="pkg:npm/pump@1.0")
    raw = catalogued.raw(title=CANARY, statuses={"known_affected": [pump]})
    bill = {"name": CANARY, "version": "1", "purl": "pkg:npm/valve@1", "type": "library"}
    with node.database.as_user(node.ids["admin"]) as session:
        me = session.principal.org_id
        node.items["product"] = inventory.add(
            session, inventory.Given(purl="pkg:npm/pump@1.0", name=CANARY, note=CANARY), me
        )
        sbom = msgspec.json.encode({"bomFormat": "CycloneDX", "components": [bill]})
        node.items["bill"] = inventory.add_bill(session, sbom, CANARY, me).id
    with node.database.system() as session:
        taking.take(session, [taking.Came(CANARY, raw)], taking.Origin(me))
        taking.take(session, [taking.Came(CANARY, b"{")], taking.Origin(me))
        node.items["refused"] = session.value("SELECT id FROM catalogue_refusal")
        given = records.Given(name=CANARY, url="vendor.example", every_minutes=0)
        node.items["source"] = records.add(session, given).id
        node.items["catalogued"] = session.value("SELECT id FROM catalogue_advisory")
    settling.settle(node.database)


def _switch_on(node: Node) -> None:
    with socket.socket() as unheard, node.database.system() as session:
        unheard.bind(("127.0.0.1", 0))
        for name, value in {
            "events.delegation": True,
            "mail.host": "127.0.0.1",
            "mail.port": unheard.getsockname()[1],
            "mail.from": "node@csirt.example",
            "security.password_forgotten": True,
            "security.self_registration": True,
        }.items():
            settings.set_value(session, name, value)
