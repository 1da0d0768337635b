# SPDX-License-Identifier: EUPL-1.2
"""Settings: one table, read once a transaction, and what follows from a change."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import brug
from brug.directory import account_changes, audit, organisations
from brug.model.errors import Forbidden, Invalid
from brug.store import settings
from brug.store.session import Session
from brug.store.settings_table import SETTINGS


def draft(session: Session, published: bool = False) -> int:
    row = session.value(
        "INSERT INTO event (uuid, org_id, orgc_id, info, distribution, published, timestamp,"
        " audience) VALUES (gen_random_uuid(), 1, 1, 'x', 3, %(p)s, 1,"
        " event_audience(1, 3, NULL, %(p)s)) RETURNING id",
        {"p": published},
    )
    return int(row)


def reader(node: Any) -> int:
    """A user of another organisation."""
    with node.database.system() as session:
        org = organisations.add(session, {"name": "Zuidland Energie"})
        given = {"email": "reader@zuidland.example", "org_id": org.id, "role_id": 3}
        return int(account_changes.add(session, given).account.id)


def waits(node: Any) -> bool:
    """Whether somebody waits for the lock on drafts."""
    with node.database.system() as session:
        return bool(
            session.value(
                "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"
            )
        )


def seen(node: Any, user_id: int) -> set[int]:
    with node.database.as_user(user_id) as session:
        return {row[0] for row in session.all("SELECT id FROM event")}


@pytest.mark.parametrize("name", SETTINGS)
def test_every_default_passes_its_own_check(node: Any, name: str) -> None:
    default = SETTINGS[name].default
    with node.database.system() as session:
        assert settings.set_value(session, name, default) == default


def test_who_changes_a_setting_sees_the_change_in_the_same_transaction(node: Any) -> None:
    name = "events.default_attribute_distribution"
    with node.database.as_user(1) as session:
        assert session.settings is not None
        assert settings.set_value(session, name, 3) == settings.get(session, name) == 3
    with node.database.as_user(1) as session:
        assert settings.get(session, name) == 3


def test_private_drafts_are_hidden_and_shown_again_at_once(node: Any) -> None:
    user = reader(node)
    with node.database.system() as session:
        unpublished, published = draft(session), draft(session, published=True)
    assert seen(node, user) == {unpublished, published}
    with node.database.system() as session:
        settings.set_value(session, "MISP.unpublishedprivate", True)
        later = draft(session)
    assert seen(node, user) == {published}
    assert seen(node, 1) == {unpublished, published, later}
    with node.database.system() as session:
        settings.set_value(session, "events.drafts_private", "false")
    assert seen(node, user) == {unpublished, published, later}


def test_a_draft_that_is_being_written_does_not_slip_through_a_changed_rule(node: Any) -> None:
    user = reader(node)

    def change() -> None:
        with node.database.system() as session:
            settings.set_value(session, "events.drafts_private", True)

    with ThreadPoolExecutor(1) as thread:
        with node.database.system() as writing:
            draft(writing)
            changing = thread.submit(change)
            waiting = (
                "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"
            )
            while not changing.done():
                with node.database.system() as looking:
                    if looking.value(waiting):
                        break
        changing.result()
    assert seen(node, user) == set()


def test_a_transaction_reads_the_settings_once(node: Any) -> None:
    with node.database.system() as session:
        assert settings.get(session, "sightings.policy") == 0
        with node.database.system() as other:
            settings.set_value(other, "sightings.policy", 2)
        assert settings.get(session, "Plugin.Sightings_policy") == 0
    with node.database.system() as session:
        assert settings.get(session, "sightings.policy") == 2


def test_changes_are_on_record_and_only_for_site_admins(node: Any) -> None:
    user = reader(node)
    with node.database.as_user(user) as session, pytest.raises(Forbidden):
        settings.set_value(session, "sightings.policy", 1)
    with node.database.as_user(1) as session:
        settings.set_value(session, "sightings.policy", "1")
        entry = audit.entries(session)[0]
    assert (entry.email, entry.model, entry.title) == (
        "admin@csirt.example", "Setting", "sightings.policy",
    )  # fmt: skip
    assert entry.change == {"sightings.policy": [0, 1]}


@pytest.mark.parametrize(
    ("name", "value"),
    [("node.url", "ftp://x"), ("node.url", "http://user:pw@x"), ("node.url", "http://x?y"),
     ("node.title", "a\x00b"), ("sightings.policy", "٣"), ("sightings.policy", 1.5),
     ("limits.body_bytes", 10**30), ("web.trusted_proxies", {"a": 1}),
     ("web.trusted_proxies", "10.0.0.0/99")],
)  # fmt: skip
def test_a_value_that_does_not_fit_names_the_setting(node: Any, name: str, value: Any) -> None:
    with node.database.system() as session, pytest.raises(Invalid) as refused:
        settings.set_value(session, name, value)
    assert refused.value.field == name


def test_lists_may_be_written_with_commas(node: Any) -> None:
    with node.database.system() as session:
        stored = settings.set_value(session, "web.trusted_proxies", "192.0.2.1, 2001:db8::/64")
    assert stored == ["192.0.2.1", "2001:db8::/64"]


def test_every_setting_is_read_somewhere() -> None:
    """One that does nothing would be a promise."""
    source = Path(brug.__file__).parent
    table = source / "store" / "settings_table.py"
    text = "".join(
        path.read_text(encoding="utf-8")
        for path in source.rglob("*")
        if path.suffix in {".py", ".sql", ".html"} and path != table
    )
    assert [name for name in SETTINGS if name not in text] == []
