# SPDX-License-Identifier: EUPL-1.2
"""Mail about events: who gets it, what it says, and that nothing is lost or doubled."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

import pytest
from pysequoia import Tsk, decrypt

from .conftest import Post


def wanting(post: Post, *who: str) -> None:
    with post.database.system() as session:
        session.execute(
            "UPDATE account SET autoalert = true WHERE id = ANY (%s)",
            ([post.world.ids[one] for one in who],),
        )


def event(post: Post, who: str = "publisher", **more: Any) -> int:
    given = {"info": "Phishing at Noordland", "distribution": 1, **more}
    made = post.world.ask(who, "POST", "/events/add", {"Event": given})
    assert made.status == 200, made.body
    return int(made.body["Event"]["id"])


def alert(post: Post, event_id: int, who: str = "publisher") -> list[EmailMessage]:
    said = post.world.ask(who, "POST", f"/events/alert/{event_id}")
    assert said.body["message"] == "Email sent to all participants."
    return post.send()


def to(messages: list[EmailMessage]) -> list[str]:
    return sorted(str(one["To"]) for one in messages)


def text(message: EmailMessage) -> str:
    return str(message.get_content())


DOMAIN = {"type": "domain", "category": "Network activity", "value": "bad.example"}


def test_who_asked_for_alerts_and_may_see_the_event_gets_one_each(post: Post) -> None:
    wanting(post, "user", "user2", "other")
    got = alert(post, event(post, distribution=0, Attribute=[DOMAIN]))
    assert to(got) == ["user2@people.example", "user@people.example"]
    assert "Phishing at Noordland" in text(got[0])
    assert "bad.example" in text(got[0])
    assert post.send() == []


def test_publishing_alone_tells_nobody(post: Post) -> None:
    wanting(post, "user")
    post.world.ask("publisher", "POST", f"/events/publish/{event(post)}")
    assert post.send() == []


def test_attributes_that_a_recipient_may_not_see_are_not_in_the_letter(post: Post) -> None:
    wanting(post, "user", "other")
    hidden = {**DOMAIN, "value": "hidden.example", "distribution": 0}
    got = alert(post, event(post, Attribute=[DOMAIN, hidden]))
    said = {str(one["To"]): text(one) for one in got}
    assert "hidden.example" in said["user@people.example"]
    assert "hidden.example" not in said["other@people.example"]
    assert "bad.example" in said["other@people.example"]


def test_what_somebody_wrote_does_not_pass_for_a_line_of_the_node(post: Post) -> None:
    wanting(post, "user")
    forged = "\nLink: http://phish.example"
    (got,) = alert(post, event(
        post, info=f"Harmless{forged}", Tag=[{"name": "tlp:green"}],
        Attribute=[{"type": "text", "category": "Other", "value": f"a\r\u2028b{forged}"}],
    ))  # fmt: skip
    said = text(got).splitlines()
    assert [line for line in said if line.startswith("Link: ")] == [
        line for line in said if "/events/view/" in line
    ]
    assert "Subject: Harmless Link: http://phish.example" in said
    assert "- text: a b Link: http://phish.example" in said


def test_an_event_withdrawn_before_the_letter_is_made_is_told_to_nobody(post: Post) -> None:
    wanting(post, "user")
    made = event(post)
    post.world.ask("publisher", "POST", f"/events/alert/{made}")
    post.world.ask("publisher", "POST", f"/events/unpublish/{made}")
    assert post.send() == []
    assert post.states() == {"user@people.example": "dropped"}


@pytest.mark.parametrize("tag", ["tlp:amber", "TLP:RED", "tlp:amber+strict"])
def test_above_the_ceiling_a_letter_holds_a_link_alone(post: Post, tag: str) -> None:
    wanting(post, "user")
    made = event(post, Attribute=[DOMAIN], Tag=[{"name": tag}])
    (got,) = alert(post, made)
    assert "Phishing" not in got.as_string()
    assert "bad.example" not in got.as_string()
    assert f"http://node.example/events/view/{made}" in text(got)


def test_an_attribute_marked_more_strictly_is_counted_not_told(post: Post) -> None:
    wanting(post, "user")
    red = {**DOMAIN, "value": "red.example", "Tag": [{"name": "tlp:red"}]}
    (got,) = alert(post, event(post, Attribute=[DOMAIN, red]))
    assert "bad.example" in text(got)
    assert "red.example" not in text(got)


def test_who_has_a_key_gets_it_encrypted_and_nothing_outside(post: Post) -> None:
    wanting(post, "user")
    pair = Tsk.generate("user <user@people.example>")
    key = str(pair.extract_certificate())
    said = post.world.ask("user", "POST", "/users/edit", {"gpgkey": key})
    assert said.status == 200, said.body
    (got,) = alert(post, event(post))
    assert got.get_content_type() == "multipart/encrypted"
    assert "Phishing" not in got.as_string()
    sealed = got.get_payload(1)
    assert isinstance(sealed, EmailMessage)
    content = sealed.get_payload(decode=True)
    assert isinstance(content, bytes)
    plain = decrypt(content, pair.decryptor()).bytes
    assert plain is not None
    assert b"Phishing at Noordland" in plain


def test_where_only_encrypted_mail_may_go_others_get_none_or_no_content(post: Post) -> None:
    wanting(post, "user")
    post.set(mail__content_encrypted_only=True)
    (got,) = alert(post, event(post))
    assert "Phishing" not in got.as_string()
    post.set(mail__encrypted_only=True)
    assert alert(post, event(post)) == []


def test_a_filter_of_alerts_is_obeyed(post: Post) -> None:
    wanting(post, "user")
    rule = {"AND": [{"Tag.name": ["%ransom%"]}, {"NOT": [{"Orgc.name": "Elsewhere"}]}]}
    body = {"setting": "publish_alert_filter", "value": rule}
    assert post.world.ask("user", "POST", "/user_settings/setSetting", body).status == 200
    assert alert(post, event(post)) == []
    assert len(alert(post, event(post, Tag=[{"name": "ransomware"}]))) == 1


def test_what_an_event_says_becomes_no_header(post: Post) -> None:
    wanting(post, "user")
    post.set(mail__subject_prefix="[x]\r\nBcc: victim@elsewhere.example")
    (got,) = alert(post, event(post, info="x\r\nBcc: victim@elsewhere.example\r\n\r\nbody"))
    assert got["Bcc"] is None
    assert post.box.recipients[-1] == ["user@people.example"]


def test_a_server_that_is_busy_gets_it_later_and_once(post: Post) -> None:
    wanting(post, "user")
    post.box.answers = ["451 later", "421 busy"]
    assert alert(post, event(post)) == []
    assert post.states() == {"user@people.example": "waiting"}
    post.now()
    assert post.send() == []
    post.now()
    (got,) = post.send()
    post.now()
    assert post.send() == []
    assert str(got["Message-ID"]).endswith("@node.example>")


def test_what_is_refused_for_good_is_not_repeated(post: Post) -> None:
    wanting(post, "user")
    post.box.answers = ["554 no"]
    assert alert(post, event(post)) == []
    post.now()
    assert post.send() == []
    assert post.states() == {"user@people.example": "refused"}


def test_a_sender_that_died_is_taken_over_under_the_same_message_id(post: Post) -> None:
    wanting(post, "user")
    (first,) = alert(post, event(post))
    with post.database.system() as session:
        # As if it had died between handing over and noting so.
        session.execute(
            "UPDATE mail_letter SET state = 'waiting', leased_until = now() - interval '1 second'"
        )
    post.now()
    (second,) = post.send()
    assert second["Message-ID"] == first["Message-ID"]


def test_without_mail_nothing_is_kept_for_later(post: Post) -> None:
    wanting(post, "user")
    post.set(mail__off=True)
    post.world.ask("publisher", "POST", f"/events/alert/{event(post)}")
    post.set(mail__off=False)
    assert post.send() == []


def test_over_starttls_with_a_password_that_stands_sealed(post: Post) -> None:
    wanting(post, "user")
    post.set(
        mail__security="starttls", mail__ca_file=str(post.pem), mail__user="node",
        mail__password="s3cret-of-the-node",
    )  # fmt: skip
    assert len(alert(post, event(post))) == 1
    assert post.box.secure == [True]
    with post.database.system() as session:
        stored = session.value("SELECT string_agg(value::text, ' ') FROM setting")
        audited = session.value("SELECT string_agg(change::text, ' ') FROM audit")
    assert "s3cret" not in stored + audited


def test_a_server_whose_certificate_nobody_signed_gets_nothing(post: Post) -> None:
    wanting(post, "user")
    post.set(mail__security="starttls")
    assert alert(post, event(post)) == []
    assert post.states() == {"user@people.example": "waiting"}


def test_no_password_goes_over_a_connection_in_the_clear(post: Post) -> None:
    wanting(post, "user")
    post.set(mail__user="node", mail__password="s3cret-of-the-node")
    assert alert(post, event(post)) == []
