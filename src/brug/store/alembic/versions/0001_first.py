# SPDX-License-Identifier: EUPL-1.2
"""The first schema: everything in `schema/*.sql`. Runs on an empty database.

Of which files it was made stands beside its number (`brug.store.revision`).
"""

from alembic import op
from psycopg import sql

from brug.store.revision import made_of, schema_files

revision = "0001"
down_revision = None
online = False


def upgrade() -> None:
    cursor = op.get_bind().connection.cursor()
    for _name, statements in schema_files():
        # Without parameters psycopg sends the whole file in one simple query.
        cursor.execute(statements)
    # Alembic puts the number in after this, and knows of no other column.
    cursor.execute(
        sql.SQL("ALTER TABLE brug.alembic_version ADD made_of text DEFAULT {}").format(
            sql.Literal(made_of())
        )
    )
