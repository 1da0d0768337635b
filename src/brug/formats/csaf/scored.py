# SPDX-License-Identifier: EUPL-1.2
"""A CVSS vector -> the score of an advisory."""

from brug.formats.csaf.cvss import CvssV2, CvssV3
from brug.formats.csaf.records import made
from brug.formats.csaf.vulnerability import Score
from brug.formats.scoring import cvss
from brug.model.errors import Invalid


def score_of(vector: str, products: list[str]) -> Score:
    """The score of products by a vector, with its metrics in words.

    Raises Invalid, naming the metric; also for a vector of CVSS 4.0, which CSAF 2.0 cannot hold.
    """
    scored = cvss.score(vector)
    if scored.version == "4.0":
        raise Invalid("vector", "a vector of CVSS 3.1, 3.0 or 2.0: CSAF 2.0 has no other", vector)
    points = scored.json_scores()
    said = ["base"]
    said += ["temporal"] if scored.temporal is not None else []
    said += ["environmental"] if scored.environmental is not None else []
    value = {
        "version": scored.version,
        "vectorString": vector,
        **cvss.json_metrics(vector),
        **{name: each for name, each in points.items() if name.startswith(tuple(said))},
    }
    if scored.version == "2.0":
        return Score(products=products, cvss_v2=made(CvssV2, value))
    return Score(products=products, cvss_v3=made(CvssV3, value))
