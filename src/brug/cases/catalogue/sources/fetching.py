# SPDX-License-Identifier: EUPL-1.2
"""One run of a source: what its lists say is new is fetched, checked, and taken in.

1. a domain leads to its metadata, which names feeds (preferred) or folders, and keys
2. each list is asked for on condition; one that is as before has nothing new. A feed of several
   pages is read whole: its first may be as before though a later one is not
3. of its documents those are fetched that it says changed since they were last taken in
4. a digest or signature that is given must be right: what it is not of is refused, and shown
5. what is valid is taken in, in small transactions; the list counts as known when all of it is
What waits to be taken in is bounded in number and in bytes, however large the documents are.
No transaction is open while something is asked for. What fails costs the others nothing.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from brug.cases.catalogue import refusing, taking
from brug.cases.catalogue.sources import discovering, documents, provider, records
from brug.cases.catalogue.sources.asking import (
    Asking,
    Copy,
    Entered,
    asking,
    copy_of,
    keep_copy,
    known_copy,
    note_gone,
    why,
)
from brug.cases.catalogue.sources.provider import Listed, Metadata
from brug.cases.catalogue.sources.records import Key, Source
from brug.cases.catalogue.sources.waiting import Waiting
from brug.cases.catalogue.taking import Origin
from brug.edge.outgoing import Fetched, NotReached
from brug.formats.openpgp_signing import read_signer
from brug.model.errors import BrugError, Invalid

MOST, MOST_PAGES, MOST_LOST = 500, 100, 5


class Outcome(msgspec.Struct):
    """What a run did. `problems` are lists, keys and documents that could not be had or used."""

    lists: int = 0
    listed: int = 0
    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    refused: int = 0
    verified: int = 0
    problems: list[str] = []
    unfinished: bool = False

    def note(self, problem: str) -> None:
        if len(self.problems) < 20:
            self.problems.append(problem[:300])


def fetch(entered: Entered, source: Source) -> Outcome:
    """Raises NotReached, Invalid where nothing at all could be done."""
    with entered() as session:
        by = asking(session, source, entered)
    outcome = Outcome()
    keys, namespace, lists = source.signers(), "", [(source.kind, source.url)]
    signed = True
    if source.kind == "provider":
        metadata = _metadata(source, by)
        keys = _keys(metadata, by, outcome)
        namespace = metadata.namespace
        signed = metadata.role == "csaf_trusted_provider" or bool(keys)
        kinds: list[tuple[Literal["rolie", "directory"], str]] = (
            [("rolie", url) for url in metadata.feeds]
            or [("directory", url) for url in metadata.directories]
        )  # fmt: skip
        lists = list(kinds)
        with entered() as session:
            records.note_provider(
                session, source, metadata.publisher, namespace, metadata.role, keys
            )
        if not lists:
            raise Invalid("provider-metadata.json", "a distribution: a ROLIE feed, or a folder")
    run = _Run(entered, source, by, keys, namespace, outcome)
    failed: BrugError | None = None
    for kind, url in lists:
        try:
            run.take_list(kind, url, signed=signed)
            outcome.lists += 1
        except (NotReached, Invalid) as error:
            outcome.note(f"{url}: {why(url, error)}")
            failed = error
        if outcome.unfinished:
            break
    if failed is not None and not outcome.lists:
        raise failed
    return outcome


def reason(error: BrugError) -> str:
    """What an operator reads of it."""
    return str(error)[:1000]


def _metadata(source: Source, by: Asking) -> Metadata:
    if "://" not in source.url:
        return discovering.discovered(source.url, by.found)[1]
    answer = by.get(source.url)
    if answer.status != 200:
        raise NotReached(f"{source.url[:200]} answered with status {answer.status}")
    return provider.read(answer.body)


def _keys(metadata: Metadata, by: Asking, outcome: Outcome) -> list[Key]:
    """Those whose fingerprint is the one that the metadata says."""
    found = []
    for one in metadata.keys[:20]:
        raw = by.found(one.url) if one.url else None
        try:
            signer = read_signer((raw or b"").decode("utf-8", "replace"))
        except Invalid:
            outcome.note(f"{one.url}: no OpenPGP key could be had there")
            continue
        if signer.fingerprint != one.fingerprint:
            outcome.note(f"{one.url}: the key there is {signer.fingerprint}, not the one named")
            continue
        found.append(Key(signer.fingerprint, signer.text))
    return found


class _Run:
    """What the lists of one run share."""

    def __init__(
        self, entered: Entered, source: Source, by: Asking, keys: list[Key], namespace: str,
        outcome: Outcome,
    ) -> None:  # fmt: skip
        self._entered, self._source, self._by = entered, source, by
        self._keys, self._outcome = keys, outcome
        self._origin = Origin(
            source.org_id, source.distribution, source.sharing_group_id, source.id, namespace
        )
        self._asked = 0

    def take_list(self, kind: str, url: str, *, signed: bool) -> None:
        """All of a list that is new. Raises NotReached, Invalid."""
        every: list[Listed] = []
        copies: list[tuple[str, Copy]] = []
        is_cut = False
        for address, answer in self._answers(kind, url):
            if answer is None:
                return  # as it was when all of it was taken in
            every += _read(kind, address, url, answer.body, signed=signed)
            copies.append((address, copy_of(answer)))
            # Of one page that many are read, whatever it names.
            is_cut = len(copies) > MOST_PAGES or len(every) >= provider.MOST_ENTRIES
            if is_cut:
                break
        every = every[: provider.MOST_ENTRIES]
        self._outcome.listed += len(every)
        done = self._take(self._new(every))
        if is_cut:  # what it names further on is not gone, and is looked for the next time
            self._outcome.note(f"{url}: has more than {MOST_PAGES} pages, or names too much")
            return
        if not done:
            return
        with self._entered() as session:
            for address, copy in copies:
                known = copy if len(copies) == 1 else Copy()
                keep_copy(session, self._source.id, address, "", known)
            note_gone(session, self._source.id, url, [one.url for one in every])

    def _answers(self, kind: str, url: str) -> Iterator[tuple[str, Fetched | None]]:
        """The pages of a feed, or the list of a folder; None in place of one that is as before."""
        if kind == "directory":
            yield self._list_of_folder(url)
            return
        following, seen = url, set[str]()
        while following and following not in seen:
            answer = self._conditional(following, is_first=not seen)
            yield following, answer
            if answer is None:
                return
            seen.add(following)
            following = provider.feed(answer.body, following)[1]

    def _list_of_folder(self, url: str) -> tuple[str, Fetched | None]:
        for name in ("changes.csv", "index.txt"):
            address = url + name
            answer = self._conditional(address, is_first=True, absent=name == "changes.csv")
            if answer is None or answer.status == 200:
                return address, answer
        raise NotReached(f"{url[:200]} has neither changes.csv nor index.txt")

    def _conditional(self, url: str, *, is_first: bool, absent: bool = False) -> Fetched | None:
        """None where it is as it was. Later pages are asked for whole: they hang together."""
        with self._entered() as session:
            known = known_copy(session, self._source.id, url) if is_first else None
        answer = self._by.get(url, known)
        if answer.status == 304 and known is not None:
            return None
        if absent and answer.status in {403, 404, 410}:
            return answer
        if answer.status != 200:
            raise NotReached(f"{url[:200]} answered with status {answer.status}")
        is_same = known is not None and known.digest == hashlib.sha256(answer.body).digest()
        return None if is_same else answer

    def _new(self, every: Sequence[Listed]) -> list[Listed]:
        """Those that changed since they were taken in, or are not known, the oldest first."""
        with self._entered() as session:
            known = dict(
                session.all(
                    "SELECT url, said FROM catalogue_copy WHERE source_id = %s AND said <> ''",
                    (self._source.id,),
                )
            )
        fresh = [one for one in every if known.get(one.url) != (one.said or "-")]
        return sorted(fresh, key=lambda one: one.said)

    def _take(self, fresh: Sequence[Listed]) -> bool:
        """Whether all of them are settled: taken in, or refused for what they are."""
        settled, lost, some = True, 0, Waiting()
        for one in fresh:
            if self._asked >= MOST:
                self._store(some)
                self._outcome.unfinished = True
                return False
            self._asked += 1
            try:
                some.add(one, documents.fetched(self._by, one, self._keys))
                lost = 0
            except documents.Wrong as error:
                some.refuse(one, error)
                settled = False
                lost = lost + 1 if not error.raw else 0
            if some.is_full:
                self._store(some)
                some = Waiting()
                if lost >= MOST_LOST:
                    break
        self._store(some)
        if lost >= MOST_LOST:
            raise NotReached(f"{lost} documents after each other could not be had")
        return settled

    def _store(self, some: Waiting) -> None:
        origin, outcome = self._origin, self._outcome
        came, wrong, said = some.came, some.wrong, some.said
        if not said:
            return
        with self._entered() as session:
            told = taking.take(session, came, origin)
            for one in came:
                keep_copy(session, self._source.id, one.place, said[one.place], Copy())
            refusing.keep(
                session, wrong, origin.source_id, origin.org_id, origin.distribution,
                origin.sharing_group_id,
            )  # fmt: skip
            records.renew(session, self._source)
        for taken in told:
            if taken.outcome == "refused":
                outcome.refused += 1
                outcome.note(f"{taken.place}: {taken.reason}")
            elif taken.outcome == "added":
                outcome.added += 1
            elif taken.outcome == "replaced":
                outcome.replaced += 1
            else:
                outcome.unchanged += 1
        held = {one.place for one in told if one.outcome != "refused"}
        outcome.verified += sum(
            1 for one in came if one.signature == "verified" and one.place in held
        )
        outcome.refused += len(wrong)
        for place, said_of_it, _ in wrong:
            outcome.note(f"{place}: {said_of_it}")


def _read(kind: str, address: str, url: str, raw: bytes, *, signed: bool) -> list[Listed]:
    if kind == "rolie":
        return provider.feed(raw, address)[0]
    if address.endswith("changes.csv"):
        return provider.changes(raw, url, signed=signed)
    return provider.index(raw, url, signed=signed)
