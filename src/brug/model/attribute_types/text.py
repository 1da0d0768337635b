# SPDX-License-Identifier: EUPL-1.2
"""Values that are text: kept as they are, on one line or several."""

from brug.model.attribute_types.letters import lower
from brug.model.attribute_types.record import NEW_LINE, Unfit

SERVICE_NAME = (
    "Invalid format. Only values shorter than 256 characters that don't include any "
    "forward or backward slashes are allowed."
)


def free(value: str) -> str:
    return value


def one_line(value: str) -> str:
    if "\n" in value:
        raise Unfit(NEW_LINE)
    return value


def service_name(value: str) -> str:
    if len(value) > 256 or "/" in value or "\\" in value:
        raise Unfit(SERVICE_NAME)
    return value


def boolean(value: str) -> str:
    """Never refuses: MISP takes any other word for yes, "no" included."""
    return "0" if value in {"", "0"} or lower(value) == "false" else "1"
