# SPDX-License-Identifier: EUPL-1.2
"""The register of authorities: rows of the file, and those that whoever runs the node corrects."""

from pathlib import Path

import pytest
from tests.cases.conftest import Node

from brug.cases.reports import register
from brug.cases.reports.authorities import UnusableAuthorities
from brug.model.errors import Forbidden, Invalid, NotFound

AP = {"country": "NL", "report": "gdpr-33", "name": "Autoriteit", "where": "Uitvoeringswet, 6"}


@pytest.fixture
def admin(node: Node) -> int:
    with node.database.system() as session:
        role = session.value(
            "INSERT INTO role (name, rights) VALUES ('runs it', %s) RETURNING id",
            (["case", "admin", "site_admin"],),
        )
        session.execute("UPDATE account SET role_id = %s WHERE id = %s", (role, node.other))
    return node.other


def test_rows_put_here_hold_instead_of_those_of_the_file_until_they_are_removed(
    node: Node, admin: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("brug.cases.own_folder.config_of", lambda _: tmp_path)
    (tmp_path / "authorities.toml").write_text(
        '[[authority]]\ncountry = "NL"\nreport = "gdpr-33"\nname = "Of the file"\n'
        '[[contact]]\ncountry = "BE"\nname = "CCB"\n'
    )

    def chosen() -> tuple[str, bool]:
        with node.database.as_user(node.host) as session:
            found = register.choosing(session).of("gdpr-33", "energy", "NL")
        assert found is not None
        return found.authority.name, found.is_own

    assert chosen() == ("Of the file", False)
    with node.database.as_user(admin) as session:
        made = register.put(session, "authority", AP)
        register.put(session, "authority", AP | {"name": " AP "})
        register.put(session, "authority", AP | {"sector": "energy", "name": "Of energy"})
        register.put(session, "contact", {"country": "BE", "name": "CCB again"})
        told = register.listed(session)
    assert chosen() == ("Of energy", True)
    assert [(one.what, one.row.name, one.id > 0, one.is_replaced) for one in told] == [
        ("authority", "AP", True, False), ("authority", "Of the file", False, True),
        ("authority", "Of energy", True, False), ("contact", "CCB again", True, False),
        ("contact", "CCB", False, True),
    ]  # fmt: skip
    with node.database.as_user(node.host) as session:
        assert register.known(session).contacts["BE"].name == "CCB again"
        for act in (lambda: register.put(session, "authority", AP),
                    lambda: register.remove(session, str(made.id))):  # fmt: skip
            with pytest.raises(Forbidden):
                act()
    with node.database.as_user(admin) as session:
        for one in told:
            if one.id:
                register.remove(session, str(one.id))
        with pytest.raises(NotFound):
            register.remove(session, str(made.id))
        for absent in ("0", "x", "-1", "9" * 30, "\u0661"):
            with pytest.raises(NotFound):
                register.remove(session, absent)
    assert chosen() == ("Of the file", False)
    (tmp_path / "authorities.toml").write_text("rubbish")
    with pytest.raises(UnusableAuthorities):
        chosen()


def test_rubbish_is_refused_by_its_field(node: Node, admin: int) -> None:
    for what, said, field in (
        ("csirt", AP, "what"), ("authority", AP | {"report": "x"}, "report"),
        ("authority", AP | {"report": ""}, "report"), ("authority", AP | {"sector": "x"}, "sector"),
        ("authority", AP | {"country": "nl"}, "country"),
        ("authority", AP | {"country": "ÄÖ"}, "country"), ("authority", AP | {"name": " "}, "name"),
        ("authority", AP | {"url": "javascript:x"}, "url"),
        ("authority", AP | {"where": "\0"}, "where"), ("authority", AP | {"email": "x"}, ""),
        ("authority", {"country": "NL"}, ""), ("authority", AP | {"name": 7}, "name"),
        ("contact", {"country": "BE", "name": "x", "organisation": "y"}, "organisation"),
        ("authority", AP | {"organisation": "y"}, "organisation"),
    ):  # fmt: skip
        with node.database.as_user(admin) as session, pytest.raises(Invalid) as caught:
            register.put(session, what, said)
        assert not field or caught.value.field == field, said
    with node.database.system() as session:
        assert session.value("SELECT count(*) FROM case_authority") == 0
