# SPDX-License-Identifier: EUPL-1.2
"""What of the vocabularies a text speaks of: tags by name, galaxy clusters by name or synonym.

Runs of up to four words are looked up at once, so that a text costs the database one question
for tags and one for clusters; of an ATT&CK technique its name and its number (T1566) count.
A text that is longer than any report (more than a hundred thousand different runs) is looked
through from its beginning as far as that.
"""

import re
from collections.abc import Iterator

from brug.intel.label import taglist
from brug.intel.label.taglist import ListedTag
from brug.intel.vocabulary.clusters import Cluster
from brug.store.session import Session

MOST_WORDS, MOST_RUNS = 4, 100_000
# Shorter names stand for other things too often (MISP 2.5).
SHORTEST, SHORTEST_SYNONYM = 3, 4
_EDGES = ".,;:!?()[]{}'\"`*_"
_MACHINE_TAG = re.compile(r"[\w-]{1,100}:[\w-]{1,100}=\"[^\"\n]{1,200}\"")

# A join, since thousands of names in an ANY would each be compared with each tag.
_TAGS = "SELECT t.name FROM tag t JOIN unnest(%s::text[]) AS said (name) USING (name)"
_CLUSTERS = """
WITH said AS MATERIALIZED (SELECT DISTINCT text FROM unnest(%(said)s::text[]) AS n (text)),
names AS (
    SELECT c.id, c.value AS text FROM galaxy_cluster c
    UNION ALL
    SELECT c.id, part FROM galaxy_cluster c, string_to_table(c.value, ' - ') AS part
        WHERE c.type LIKE 'mitre-%%' AND c.value LIKE '%% - %%'
    UNION ALL
    SELECT c.id, c.tag_name FROM galaxy_cluster c
    UNION ALL
    SELECT e.galaxy_cluster_id, e.value FROM galaxy_element e
        WHERE e.key = 'synonyms' AND length(e.value) >= %(synonym)s)
SELECT DISTINCT said.text, c.id, c.uuid::text, c.galaxy_id, c.collection_uuid::text, c.type,
       c.value, c.tag_name, c.description, c.source, c.authors, c.version, c.distribution,
       c.sharing_group_id, c.org_id, c.orgc_id, c.is_default, c.locked, c.extends_uuid::text,
       c.extends_version, c.published, c.deleted
FROM said JOIN names USING (text) JOIN galaxy_cluster c USING (id)
JOIN galaxy g ON g.id = c.galaxy_id
WHERE NOT c.deleted AND g.enabled AND g.namespace <> 'deprecated'
ORDER BY said.text, c.id
"""


def tags_in(session: Session, text: str) -> list[tuple[str, ListedTag]]:
    """The tags that a text names, in their letters or in capitals, each as it is written."""
    written: dict[str, str] = {}
    for said in _runs(text):
        written.setdefault(said, said)
        if said.isupper():
            written.setdefault(said.lower(), said)
    rows = session.all(_TAGS, (list(written),))
    found = taglist.named(session, [row[0] for row in rows])
    return [(written[name], tag) for name, tag in found.items()]


def clusters_in(session: Session, text: str) -> list[tuple[str, Cluster]]:
    """The clusters of enabled galaxies that a text names, each as it is written."""
    params = {"said": _runs(text), "synonym": SHORTEST_SYNONYM}
    return [(said, Cluster(*fields)) for said, *fields in session.all(_CLUSTERS, params)]


def _runs(text: str) -> list[str]:
    """What could be a name, each once."""
    found: dict[str, None] = {}
    for run in _every_run(text):
        found[run] = None
        if len(found) == MOST_RUNS:
            break
    return list(found)


def _every_run(text: str) -> Iterator[str]:
    """Runs of words within a line, without the marks around them."""
    yield from (hit[0] for hit in _MACHINE_TAG.finditer(text))
    for line in text.splitlines():
        words = line.split()
        for start in range(len(words)):
            for end in range(start + 1, min(start + MOST_WORDS, len(words)) + 1):
                run = " ".join(words[start:end]).strip(_EDGES)
                if SHORTEST <= len(run) <= taglist.NAME_LENGTH:
                    yield run
