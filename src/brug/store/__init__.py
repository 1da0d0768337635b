# SPDX-License-Identifier: EUPL-1.2
"""PostgreSQL: server, pool, sessions bound to a principal, schema, migrations, settings."""
