# SPDX-License-Identifier: EUPL-1.2
"""What the catalogue says, in words: outcomes of matching, of checks, and of labels."""

from brug.web.languages import N_

SEVERITIES = {
    "critical": N_("Critical"),
    "high": N_("High"),
    "medium": N_("Medium"),
    "low": N_("Low"),
    "none": N_("None"),
}
LABELS = {
    "clear": "TLP:CLEAR",
    "green": "TLP:GREEN",
    "amber": "TLP:AMBER",
    "red": "TLP:RED",
    "none": N_("Not marked"),
}
OUTCOMES = {
    "affected": N_("Affected"),
    "investigating": N_("Under investigation"),
    "fixed": N_("Fixed"),
    "not_affected": N_("Not affected"),
}
CERTAINTIES = {"sure": N_("Sure"), "maybe": N_("Maybe")}
BY = {
    "purl": N_("the same package URL"),
    "cpe": N_("the same CPE name"),
    "name": N_("the same names of vendor and product"),
}
WHY = {
    "version": N_("this very version"),
    "range": N_("the version lies in the range"),
    "between": N_("the version lies after the first one affected"),
    "all": N_("every version"),
    "unknown": N_("the versions cannot be compared"),
    "platform": N_("the affected part may be installed on it"),
}
SIGNATURES = {
    "verified": N_("Signature verified"),
    "unchecked": N_("Signed, without a key to check it with"),
    "none": N_("Not signed"),
}
DIGESTS = {"right": N_("Digest right"), "none": N_("No digest given")}
AUDIENCES = {
    "own": N_("Own organisation"),
    "community": N_("Everyone on this node"),
    "group": N_("A sharing group"),
}
KINDS = {
    "provider": N_("Provider, found by its domain"),
    "rolie": N_("ROLIE feed"),
    "directory": N_("Folder with index.txt or changes.csv"),
}
