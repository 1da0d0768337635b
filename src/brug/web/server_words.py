# SPDX-License-Identifier: EUPL-1.2
"""What a connection test found, in sentences."""

from brug.edge import partners
from brug.web.languages import N_

NO_KEY = N_("The key that this server made for us is not known here. Enter it first.")
OUTCOMES = {
    partners.FINE: N_("The server answers, and the key that it gave us may synchronise."),
    partners.UNREACHABLE: N_("The server can not be reached, or does not say its version."),
    partners.FAILED: N_("The server answers with an error."),
    partners.REFUSED: N_("The server refuses the key."),
    partners.NO_SYNC: N_("The key works, but its user has no right to synchronise."),
}
