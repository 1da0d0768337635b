# SPDX-License-Identifier: EUPL-1.2
"""Levels and modes of a crisis, as an incident's machines (docs/spec/incident.md, crisis.md).

Each says where something stands that is decided elsewhere: in the CSIRTs network, in EU-CyCLONe,
in the Council. So each step asks for the reason, which names what was met and who decided; what a
level means, who may bring it about and what follows stands in `brug.cases.crisis`, with sources.
"""

from brug.cases.case import Machine, Transition
from brug.model.words import N_

_NETWORK = frozenset({"lead", "csirt", "authority"})
_AUTHORITY = frozenset({"lead", "authority"})


def _to(
    trigger: str, title: str, source: tuple[str, ...], target: str, roles: frozenset[str]
) -> Transition:
    return Transition(
        trigger=trigger, title=title, source=source, target=target, roles=roles, asks=True
    )


LEVEL = Machine(
    key="crisis",
    title=N_("Crisis level"),
    apart=True,
    states={
        "none": N_("No crisis"),
        "technical": N_("Technical level: CSIRTs network"),
        "operational": N_("Operational level: EU-CyCLONe"),
        "political": N_("Political level: Council"),
    },
    initial="none",
    final=frozenset({"none"}),
    transitions=(
        _to("to_technical", N_("Technical level"), ("none", "operational", "political"),
            "technical", _NETWORK),
        _to("to_operational", N_("Operational level"), ("none", "technical", "political"),
            "operational", _AUTHORITY),
        _to("to_political", N_("Political level"), ("none", "technical", "operational"),
            "political", _AUTHORITY),
        _to("end_crisis", N_("No crisis any more"), ("technical", "operational", "political"),
            "none", _AUTHORITY),
    ),
)  # fmt: skip

NETWORK = Machine(
    key="csirts_network",
    title=N_("CSIRTs network"),
    apart=True,
    states={
        "normal": N_("Normal"),
        "alert": N_("Alert"),
        "full_cooperation": N_("Full cooperation"),
    },
    initial="normal",
    final=frozenset({"normal"}),
    transitions=(
        _to("network_alert", N_("Alert"), ("normal", "full_cooperation"), "alert", _NETWORK),
        _to("network_full", N_("Full cooperation"), ("normal", "alert"), "full_cooperation",
            _NETWORK),
        _to("network_normal", N_("Normal"), ("alert", "full_cooperation"), "normal", _NETWORK),
    ),
)  # fmt: skip

CYCLONE = Machine(
    key="cyclone",
    title=N_("EU-CyCLONe"),
    apart=True,
    states={
        "normal": N_("Normal"),
        "alert": N_("Alert"),
        "full_activation": N_("Full activation"),
    },
    initial="normal",
    final=frozenset({"normal"}),
    transitions=(
        _to("cyclone_alert", N_("Alert"), ("normal", "full_activation"), "alert", _AUTHORITY),
        _to("cyclone_full", N_("Full activation"), ("normal", "alert"), "full_activation",
            _AUTHORITY),
        _to("cyclone_normal", N_("Normal"), ("alert", "full_activation"), "normal", _AUTHORITY),
    ),
)  # fmt: skip

IPCR = Machine(
    key="ipcr",
    title=N_("IPCR (Council)"),
    apart=True,
    states={
        "none": N_("Not in use"),
        "monitoring": N_("Monitoring"),
        "information_sharing": N_("Information sharing"),
        "full": N_("Full activation"),
    },
    initial="none",
    final=frozenset({"none"}),
    transitions=(
        _to("ipcr_monitor", N_("Monitoring"), ("none", "information_sharing", "full"),
            "monitoring", _AUTHORITY),
        _to("ipcr_share", N_("Information sharing"), ("none", "monitoring", "full"),
            "information_sharing", _AUTHORITY),
        _to("ipcr_activate", N_("Full activation"), ("none", "monitoring", "information_sharing"),
            "full", _AUTHORITY),
        _to("ipcr_end", N_("Not in use any more"), ("monitoring",), "none", _AUTHORITY),
    ),
)  # fmt: skip

MACHINES = (LEVEL, NETWORK, CYCLONE, IPCR)
