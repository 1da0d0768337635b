# SPDX-License-Identifier: EUPL-1.2
"""Contacting an event's creator, writing to users, links for passwords, summaries."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from brug.directory import password_links, signing_in
from brug.directory.password_links import LinkEnded
from brug.directory.signing_in import SignedIn
from brug.mail.checking import checked
from brug.mail.sender import cause_summaries
from brug.mail.tidying import prune_refusals
from brug.mail.words import TEXTS

from .conftest import Post
from .test_alerts import alert, event, text, to

NEW = "Another-horse-battery-2"


def test_a_question_goes_to_those_who_made_the_event_and_answers_go_to_who_asks(
    post: Post,
) -> None:
    made = event(post)
    said = post.world.ask("other", "POST", f"/events/contact/{made}", {"message": "Seen here too"})
    assert said.body["message"] == "Email sent to the reporter."
    (got,) = post.send()
    assert to([got]) == ["publisher@people.example"]
    assert got["Reply-To"] == "other@people.example"
    assert "Seen here too" in text(got)


def test_a_question_about_a_hidden_event_is_the_answer_of_an_absent_one(post: Post) -> None:
    hidden = event(post, distribution=0)
    body = {"message": "x"}
    answers = [
        post.world.ask("other", "POST", f"/events/contact/{one}", body) for one in (hidden, 99999)
    ]
    assert [one.status for one in answers] == [404, 404]
    assert post.send() == []


def test_administrators_write_to_their_users_and_to_nobody_else(post: Post) -> None:
    ids, ask = post.world.ids, post.world.ask
    body = {"subject": "Maintenance", "body": "Tonight."}
    assert ask("orgadmin", "POST", f"/admin/users/quickEmail/{ids['user']}", body).status == 200
    assert ask("orgadmin", "POST", f"/admin/users/quickEmail/{ids['other']}", body).status == 403
    assert ask("user", "POST", f"/admin/users/quickEmail/{ids['user2']}", body).status == 403
    (got,) = post.send()
    assert to([got]) == ["user@people.example"]
    everyone = {"recipient": "all", **body}
    assert ask("orgadmin", "POST", "/admin/users/email", everyone).status == 200
    assert "other@people.example" not in to(post.send())


def link(post: Post) -> str:
    (got,) = post.send()
    found = re.search(r"token=([\w-]+)", text(got))
    assert found
    return found[1]


def test_a_link_for_a_password_works_once_and_stands_nowhere(post: Post) -> None:
    user = post.world.ids["user"]
    said = post.world.ask("orgadmin", "POST", f"/users/initiatePasswordReset/{user}")
    assert said.body == {"saved": True, "success": "New credentials sent."}
    token = link(post)
    with post.database.system() as session:
        kept = session.value("SELECT string_agg(to_jsonb(l)::text, '') FROM password_link l")
        kept += session.value("SELECT string_agg(to_jsonb(l)::text, '') FROM mail_cause l")
    assert token not in kept
    assert password_links.use(post.database, token, NEW) == user
    signed = signing_in.sign_in(post.database, "user@people.example", NEW, "192.0.2.1")
    assert isinstance(signed, SignedIn)
    assert signed.user_id == user
    with pytest.raises(LinkEnded):
        password_links.use(post.database, token, NEW + "x")


def test_a_newer_link_ends_the_older_and_time_ends_both(post: Post) -> None:
    tokens = []
    for _ in range(2):
        with post.database.system() as session:
            password_links.ask(session, "USER@people.example", "192.0.2.7")
        tokens.append(link(post))
    with pytest.raises(LinkEnded):
        password_links.use(post.database, tokens[0], NEW)
    with post.database.system() as session:
        session.execute("UPDATE password_link SET expires = now() - interval '1 second'")
    with pytest.raises(LinkEnded):
        password_links.use(post.database, tokens[1], NEW)


def test_asking_for_a_link_to_nobody_sends_nothing_and_says_nothing(post: Post) -> None:
    with post.database.system() as session:
        password_links.ask(session, "nobody@people.example", "192.0.2.7")
    assert post.send() == []


def test_a_summary_is_made_once_a_day_of_what_its_reader_sees(post: Post) -> None:
    with post.database.system() as session:
        session.execute(
            "UPDATE account SET notification_daily = true WHERE id = ANY (%s)",
            ([post.world.ids["user"], post.world.ids["other"]],),
        )
    for level, info in ((0, "Only ours"), (1, "For all here")):
        made = event(post, distribution=level, info=info)
        post.world.ask("publisher", "POST", f"/events/publish/{made}")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    cause_summaries(post.database, tomorrow)
    cause_summaries(post.database, tomorrow)
    said = {str(one["To"]): text(one) for one in post.send()}
    assert set(said) == {"user@people.example", "other@people.example"}
    assert "Only ours" in said["user@people.example"]
    assert "Only ours" not in said["other@people.example"]
    assert "For all here" in said["other@people.example"]


def test_the_check_of_mail_connects_and_sends_where_asked(post: Post) -> None:
    found = list(checked(post.database, "operator@csirt.example"))
    assert [one.state for one in found] == ["ok", "ok"]
    assert post.box.recipients == [["operator@csirt.example"]]
    post.set(mail__security="tls")
    assert [one.state for one in checked(post.database)] == ["ok", "failed"]


def test_the_check_of_mail_names_whose_letters_do_not_arrive_and_why(post: Post) -> None:
    with post.database.system() as session:
        session.execute("UPDATE account SET autoalert = true WHERE id = %s",
                        (post.world.ids["user"],))  # fmt: skip
    post.box.answers.append("550 5.1.1 no such user")
    assert alert(post, event(post)) == []
    (queue, _) = checked(post.database)
    assert (queue.state, queue.found) == (
        "warning", "0 wait, 0 of them tried often; 1 given up in 7 days",
    )  # fmt: skip
    assert queue.advice == "user@people.example: 550 5.1.1 no such user"


def test_refused_items_are_kept_up_to_a_cap_for_each_organisation(post: Post) -> None:
    post.set(limits__refusals_kept=3)
    with post.database.system() as session:
        for org in (1, 2):
            session.execute(
                "INSERT INTO refusal (user_id, org_id, item, reason)"
                " SELECT 1, %s, n::text, 'x' FROM generate_series(1, 5 * %s) n",
                (org, org),
            )
        assert prune_refusals(session) == 2 + 7
        assert session.all("SELECT org_id, min(item::int) FROM refusal GROUP BY 1 ORDER BY 1") == [
            (1, 3), (2, 8),
        ]  # fmt: skip


def test_every_text_of_letters_exists_in_every_language_with_the_same_parts() -> None:
    for key, english in TEXTS["en"].items():
        for other in TEXTS.values():
            parts = [sorted(re.findall(r"%\((\w+)\)s", one[key])) for one in (TEXTS["en"], other)]
            assert set(parts[0]) == set(parts[1]), (key, english)
    assert {tuple(sorted(one)) for one in TEXTS.values()} == {tuple(sorted(TEXTS["en"]))}
