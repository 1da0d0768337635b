# SPDX-License-Identifier: EUPL-1.2
"""Every format for sensors and filters, by the name that restSearch knows it by."""

from brug.formats import openioc
from brug.formats.sensors import plain, rpz, snort, suricata, yara
from brug.formats.sensors.indicator import SensorFormat

SENSORS: dict[str, SensorFormat] = {
    "suricata": suricata.FORMAT,
    "snort": snort.FORMAT,
    "zeek": plain.ZEEK_FORMAT,
    "yara": yara.FORMAT,
    "yara-json": yara.JSON,
    "openioc": openioc.FORMAT,
    "rpz": rpz.FORMAT,
    "hosts": plain.HOSTS,
    "netfilter": plain.NETFILTER,
}
