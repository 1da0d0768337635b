# SPDX-License-Identifier: EUPL-1.2
"""What of the vocabularies a text speaks of: tags by name, galaxy clusters by name or synonym.

Runs of up to four words are looked up at once, so that a text of any length costs the
database one question each; of an ATT&CK technique its name and its number (T1566) count.
"""

import re
from collections.abc import Iterator

from brug.intel.label import taglist
from brug.intel.label.taglist import ListedTag
from brug.intel.vocabulary.clusters import Cluster
from brug.store.session import Session

MOST_WORDS = 4
# Shorter names stand for other things too often (MISP 2.5).
SHORTEST, SHORTEST_SYNONYM = 3, 4
_EDGES = ".,;:!?()[]{}'\"`*_"
_MACHINE_TAG = re.compile(r"[\w-]{1,100}:[\w-]{1,100}=\"[^\"\n]{1,200}\"")

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
    found = taglist.named(session, list(written))
    return [(written[name], tag) for name, tag in found.items()]


def clusters_in(session: Session, text: str) -> list[tuple[str, Cluster]]:
    """The clusters of enabled galaxies that a text names, each as it is written."""
    params = {"said": list(dict.fromkeys(_runs(text))), "synonym": SHORTEST_SYNONYM}
    return [(said, Cluster(*fields)) for said, *fields in session.all(_CLUSTERS, params)]


def _runs(text: str) -> Iterator[str]:
    """What could be a name: runs of words within a line, without the marks around them."""
    yield from (hit[0] for hit in _MACHINE_TAG.finditer(text))
    for line in text.splitlines():
        words = line.split()
        for start in range(len(words)):
            for end in range(start + 1, min(start + MOST_WORDS, len(words)) + 1):
                run = " ".join(words[start:end]).strip(_EDGES)
                if SHORTEST <= len(run) <= taglist.NAME_LENGTH:
                    yield run
