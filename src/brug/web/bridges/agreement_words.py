# SPDX-License-Identifier: EUPL-1.2
"""What terms are called on pages."""

from brug.web.languages import N_

PURPOSES = {
    "crisis-management": N_("Crisis management"),
    "criminal-investigation": N_("Criminal investigation"),
    "cyber-defence": N_("Cyber defence"), "diplomacy": N_("Diplomacy"),
    "incident-response": N_("Incident response"), "national-security": N_("National security"),
    "research": N_("Research"), "vulnerability-handling": N_("Handling of vulnerabilities"),
}  # fmt: skip
UNMARKED = {
    "green": N_("As TLP:GREEN"), "clear": N_("As TLP:CLEAR"), "amber": N_("As TLP:AMBER"),
    "amber+strict": N_("As TLP:AMBER+STRICT"), "red": N_("As TLP:RED"),
    "hold": N_("Held for a person"), "refuse": N_("Refused"),
}  # fmt: skip
ENCRYPT = {
    "clear": N_("Always"), "green": N_("TLP:GREEN and stricter"),
    "amber": N_("TLP:AMBER and stricter"), "amber+strict": N_("TLP:AMBER+STRICT and stricter"),
    "red": N_("TLP:RED"), "never": N_("Never"),
}  # fmt: skip
REGIMES = {
    "gdpr": N_("GDPR"), "led": N_("LED (police and justice)"), "none": N_("Neither"),
}  # fmt: skip
HANDLING = {
    "drop": N_("Left out"), "pseudonymise": N_("As a pseudonym"), "share": N_("Shared"),
}  # fmt: skip
TOOLS = {
    "": N_("None: no personal data crosses"),
    "eea": N_("Within the European Economic Area"),
    "adequacy": N_("Adequacy decision (GDPR art. 45)"),
    "public_instrument": N_("Instrument between public bodies (GDPR art. 46(2)(a))"),
    "bcr": N_("Binding corporate rules (GDPR art. 47)"),
    "scc": N_("Standard contractual clauses (GDPR art. 46(2)(c))"),
    "code_or_certification": N_("Code of conduct or certification (GDPR art. 46(2)(e), (f))"),
    "administrative_arrangement": N_("Administrative arrangement (GDPR art. 46(3)(b))"),
    "derogation": N_("Derogation (GDPR art. 49)"),
    "led_member_state": N_("Within the Union (LED)"),
    "led_adequacy": N_("Adequacy decision (LED art. 36)"),
    "led_safeguards": N_("Appropriate safeguards (LED art. 37)"),
    "led_derogation": N_("Derogation (LED art. 38)"),
    "led_direct": N_("Directly to a recipient (LED art. 39)"),
}
QUALITY = {"note": N_("Crosses with a remark"), "drop": N_("Left out")}
WHEN = {
    "always": N_("Always"), "received": N_("What was received from others"),
    "unmarked": N_("What has no marking"), "personal-data": N_("Personal data"),
    "files": N_("Files"), "green": N_("TLP:GREEN and stricter"),
    "amber": N_("TLP:AMBER and stricter"), "amber+strict": N_("TLP:AMBER+STRICT and stricter"),
    "red": N_("TLP:RED"),
}  # fmt: skip
AFTER = {
    "delete": N_("It is deleted"),
    "strip": N_("Personal data is taken out, the rest stays"),
}  # fmt: skip
RECALL = {"person": N_("A person follows it"), "itself": N_("It follows by itself")}
STATES = {
    "in force": (N_("In force"), "good"), "accepted": (N_("Accepted"), None),
    "theirs": (N_("Waits for the partner"), "warn"), "ours": (N_("Waits for us"), "warn"),
}  # fmt: skip
PERMISSIONS = {
    "requested": (N_("Asked"), "warn"), "granted": (N_("Granted"), "good"),
    "refused": (N_("Refused"), "bad"), "used": (N_("Used"), "good"),
    "expired": (N_("Expired"), None), "withdrawn": (N_("Withdrawn"), None),
}  # fmt: skip
