# SPDX-License-Identifier: EUPL-1.2
"""Pages that are not there, in their reader's language; and titles that would turn a page round."""

import re

import httpx
import pytest
from tests.listening import NO_TLS
from tests.web.node import Node, plain, post

from brug.directory import account_changes
from brug.model.new_event import NewTag

NL = {"Accept": "text/html", "Accept-Language": "nl-NL,nl;q=0.9,en;q=0.8"}
EN = {"Accept": "text/html", "Accept-Language": "en"}
ABSENT = ["/intelligence/nowhere", "/bridges/held/x", "/nowhere/at/all", "/static/none.css"]
DUTCH, ENGLISH = "Hier is niets", "Nothing here"
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def asked(node: Node, path: str, **headers: str) -> httpx.Response:
    with httpx.Client(base_url=node.url, trust_env=False, verify=NO_TLS, timeout=60) as client:
        return client.get(path, headers=headers)


@pytest.mark.parametrize("path", ABSENT)
def test_who_is_not_signed_in_reads_it_in_the_language_of_the_browser(
    node: Node, path: str
) -> None:
    for headers, language, said in ((NL, "nl", DUTCH), (EN, "en", ENGLISH)):
        told = asked(node, path, **headers)
        assert told.status_code == 404
        assert f'<html lang="{language}"' in told.text
        assert said in told.text
    chosen = asked(node, path, **NL, Cookie="brug-language=en")
    assert ENGLISH in chosen.text


def test_who_is_signed_in_reads_it_in_the_language_of_the_account(node: Node) -> None:
    with node.database.system() as session:
        account_changes.edit(session, node.ids["analyst"], {"language": "nl"})
    with node.browser("analyst") as client:
        for path in (*ABSENT, "/intelligence/events/999999"):
            told = client.get(path, headers=EN)
            assert told.status_code == 404
            assert DUTCH in told.text, path
            assert "/sign-out" in told.text, "it is a page of the reader's"
        refused = client.request("DELETE", "/intelligence/events", headers=EN)
        assert refused.status_code == 405
        assert '<html lang="nl"' in refused.text
        sent = client.post("/intelligence/nowhere", headers=EN)
        assert sent.status_code in {404, 405}
        assert "Er is niets veranderd." in sent.text
    with node.database.system() as session:
        account_changes.edit(session, node.ids["analyst"], {"language": "en"})


def test_a_title_that_turns_round_is_shown_and_edited_as_it_is(node: Node) -> None:
    title = "invoice_\u202efdp.exe \u2067and\u2069"
    new = plain(title, 1, "turn.example")
    new.tags.append(NewTag("turn:\u202eround"))
    number = node.add("lead", new)
    event = f"/intelligence/events/{number}"
    with node.browser("lead") as client:
        for path in ("/", "/intelligence/events", event, "/search?q=invoice_", f"{event}/audience"):
            page = client.get(path)
            assert page.status_code == 200, path
            assert not TURNS.search(re.sub(r"<[^>]*>", "", page.text)), path
        assert "invoice_&lt;202e&gt;fdp.exe &lt;2067&gt;and&lt;2069&gt;" in client.get(event).text
        form = client.get(f"{event}/edit").text
        assert f'value="{title}"' in form
        assert post(client, f"{event}/edit", {"info": title}, f"{event}/edit").status_code < 500
