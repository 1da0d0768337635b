# SPDX-License-Identifier: EUPL-1.2
"""Moving house: taking over a running MISP, and handing a node's content to one."""
