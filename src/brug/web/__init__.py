# SPDX-License-Identifier: EUPL-1.2
"""Pages: server-rendered, usable without script."""
