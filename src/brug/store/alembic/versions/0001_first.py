# SPDX-License-Identifier: EUPL-1.2
"""The first schema: everything in `schema/*.sql`. Runs on an empty database."""

from alembic import op

from brug.store.migrations import schema_files

revision = "0001"
down_revision = None
online = False


def upgrade() -> None:
    cursor = op.get_bind().connection.cursor()
    for _name, statements in schema_files():
        # Without parameters psycopg sends the whole file in one simple query.
        cursor.execute(statements)
