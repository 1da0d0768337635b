# SPDX-License-Identifier: EUPL-1.2
"""Made-up documents, right and wrong in many ways at once, mean the same to Secvisogram.

Left out is where the two read the standard otherwise, each for a reason: revisions of one date
(not ordered there), numbers of revisions that are there twice, vectors without a score (no fault
there), one flag that reaches a product by itself and by a group (a fault there), relationships or
groups that are defined twice, involvements without a date (no fault there), and package URLs
whose type asks for more.
"""

import json
import random
from collections.abc import Callable
from typing import Any

from tests.formats.csaf import opinions
from tests.formats.csaf.documents import VALID, VECTOR, Json
from tests.thorough import examples

from brug.formats.csaf.checking import check

PRODUCTS = ["SC-OLD", "SC-42", "POLDER", "SC-ON-OS", "X1", "X2"]
GROUPS = ["G-1", "G-2"]
STATUSES = ["first_affected", "known_affected", "last_affected", "first_fixed", "fixed",
            "known_not_affected", "recommended", "under_investigation"]  # fmt: skip
NUMBERS = (
    ["0", "1", "2", "3", "4"],
    ["0.1.0", "0.9.0-a.1", "1.0.0", "1.0.0-rc", "1.0.1", "1.1.0+b", "2.0.0", "3.0.0"],
)
VECTORS = [
    VECTOR, VECTOR + "/E:P", "CVSS:3.0/AV:L/AC:H/PR:L/UI:R/S:C/C:L/I:L/A:L",
    "AV:N/AC:L/Au:N/C:C/I:C/A:C",
    "CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:L/I:N/A:N/E:F/RL:W/RC:R/CR:H/IR:L/AR:M/MAV:N/MS:C/MC:H",
]  # fmt: skip
SAID: dict[str, list[Any]] = {
    "attackVector": ["NETWORK", "LOCAL"], "scope": ["CHANGED", "UNCHANGED"],
    "temporalScore": [9.3, 9.8], "temporalSeverity": ["CRITICAL", "HIGH"],
    "exploitCodeMaturity": ["NOT_DEFINED", "PROOF_OF_CONCEPT"],
    "modifiedAttackVector": ["NETWORK", "NOT_DEFINED"], "environmentalScore": [9.8, 10.0],
    "confidentialityRequirement": ["HIGH", "NOT_DEFINED"],
}  # fmt: skip
LANGUAGES = ["en", "de-AT", "qz", "en-latn-US", "x-priv", "i-default", "zh-cmn-Hans-CN", "de-1996",
             "art-lojban", "sl-rozaj-biske", "de-de-de", "root", "EZ", "nl-BE"]  # fmt: skip
CATEGORIES = ["csaf_base", "csaf_vex", "csaf_security_advisory", "csaf_informational_advisory",
              "csaf_security_incident_response", "Security Advisory", "vex", "CSAF_VEX", "Foo",
              "csaf_foo", "csaf-base", "base", "informational-advisory"]  # fmt: skip
VERSIONS = ["4.2", "<4", "all", "4 and Later", "beforehand", "4.2-prior", "prior", ">=2", "v1>"]
PURLS = ["pkg:maven/@1.3.4", "pkg:npm/%40a/b@1", "pkg:npm/a@1?x=y#z", "pkg:deb/debian/curl@7",
         "pkg:oci/x@sha256:ab", "pkg:generic/a"]  # fmt: skip
WEAKNESSES = [("CWE-787", "Out-of-bounds Write"), ("CWE-20", "x"), ("CWE-16", "Configuration"),
              ("CWE-1", "x")]  # fmt: skip

Change = Callable[[random.Random, Json], object]


def _history(chance: random.Random, document: Json) -> None:
    numbers = chance.choice(NUMBERS)
    chosen = chance.sample(numbers, chance.randint(1, 4))
    days = chance.sample(range(1, 20), len(chosen))
    document["document"]["tracking"] |= {
        "revision_history": [
            {"date": f"2026-11-{day:02}T09:00:00{chance.choice(['Z', '+02:00'])}",
             "number": number, "summary": "x"}
            for day, number in zip(days, chosen, strict=True)
        ],
        "version": chance.choice([chosen[-1], chance.choice(numbers)]),
        "status": chance.choice(["draft", "interim", "final", "final"]),
    }  # fmt: skip


def _status(chance: random.Random, vulnerability: Json) -> None:
    names = chance.sample(STATUSES, chance.randint(1, 3))
    vulnerability["product_status"] = {
        name: chance.sample(PRODUCTS, chance.randint(1, 3)) for name in names
    }


def _whom(chance: random.Random) -> Json:
    return chance.choice([
        {}, {"group_ids": [chance.choice(GROUPS)]},
        {"product_ids": chance.sample(PRODUCTS, chance.randint(1, 2))},
        {"product_ids": chance.sample(PRODUCTS, chance.randint(1, 3))},
    ])  # fmt: skip


def _statements(chance: random.Random, vulnerability: Json) -> None:
    labels = ["component_not_present", "vulnerable_code_not_present"]
    number = chance.randint(1, 3)
    vulnerability["flags"] = [
        {"label": label, **_whom(chance)} for label in chance.sample(labels, min(number, 2))
    ]
    vulnerability["threats"] = [
        {"category": chance.choice(["impact", "exploit_status"]), "details": "x", **_whom(chance)}
        for _ in range(number)
    ]
    vulnerability["remediations"] = [
        {"category": "workaround", "details": "x", **_whom(chance)} for _ in range(number)
    ]


def _scores(chance: random.Random, vulnerability: Json) -> None:
    def one() -> Json:
        vector = chance.choice(VECTORS)
        score: Json = {"vectorString": vector, "baseScore": chance.choice([10.0, 9.8, 5.6])}
        products = chance.sample(PRODUCTS, chance.randint(1, 2))
        if vector.startswith("AV"):
            score |= {"version": "2.0", "accessVector": chance.choice(["NETWORK", "LOCAL"])}
            return {"products": products, "cvss_v2": score}
        said = {name: chance.choice(values) for name, values in SAID.items()
                if chance.random() < 0.3}  # fmt: skip
        severity = chance.choice(["CRITICAL", "MEDIUM"])
        score |= {"version": vector[5:8], "baseSeverity": severity, **said}
        return {"products": products, "cvss_v3": score}

    vulnerability["scores"] = [one() for _ in range(chance.randint(1, 3))]


def _weakness(chance: random.Random, vulnerability: Json) -> None:
    number, name = chance.choice(WEAKNESSES)
    vulnerability["cwe"] = {"id": number, "name": name}


def _head(chance: random.Random, document: Json) -> None:
    head = document["document"]
    match chance.randint(0, 4):
        case 0:
            head["lang"] = chance.choice(LANGUAGES)
        case 1:
            head["source_lang"] = chance.choice(["en", "de"])
        case 2:
            head["category"] = chance.choice(CATEGORIES)
        case 3:
            head["publisher"]["category"] = chance.choice(["translator", "vendor"])
        case _:
            head.pop("notes", None)


def _tree(chance: random.Random, document: Json) -> None:
    tree = document.get("product_tree")
    if tree is None:
        return
    tree["relationships"] = [
        {"category": "installed_on", "product_reference": chance.choice(PRODUCTS),
         "relates_to_product_reference": chance.choice(PRODUCTS),
         "full_product_name": {"name": "x", "product_id": product}}
        for product in chance.sample(["X1", "X2", "SC-ON-OS"], chance.randint(1, 3))
    ]  # fmt: skip
    leaf = tree["branches"][0]["branches"][0]["branches"][1]
    leaf["name"] = chance.choice(VERSIONS)
    leaf["product"]["product_identification_helper"]["purl"] = chance.choice(PURLS)


def _made_up(chance: random.Random) -> Json:
    document = VALID[chance.choice(sorted(VALID))]()
    inside: list[Change] = [_status, _statements, _scores, _weakness]
    for change in chance.sample([_history, _head, _tree, *inside], chance.randint(1, 3)):
        if change in inside:
            for vulnerability in document.get("vulnerabilities", ()):
                change(chance, vulnerability)
        else:
            change(chance, document)
    made: Json = json.loads(json.dumps(document))
    return made


def test_made_up_documents_mean_the_same() -> None:
    chance = random.Random(1)  # noqa: S311 - which documents is no secret
    documents = [_made_up(chance) for _ in range(examples(2000))]
    failed = set()
    for document, said in zip(documents, opinions.of_secvisogram(documents), strict=True):
        theirs = said - ({"schema"} if "6.1.8" in said else set())
        ours = {one.test for one in check(document)}
        assert ours == theirs, document
        failed |= ours
    assert len(failed) > 25
