# SPDX-License-Identifier: EUPL-1.2
"""Runs revisions in one transaction, in the schema `brug`."""

from alembic import context

with context.config.attributes["engine"].connect() as connection:
    connection.exec_driver_sql("SET search_path = brug, public")
    context.configure(connection=connection, version_table_schema="brug", transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
