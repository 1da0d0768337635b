# SPDX-License-Identifier: EUPL-1.2
"""The schema, built by Alembic as `brug_owner`.

The first revision applies `schema/*.sql` in order; later ones stand in `revisions/`. Each
says by `online` whether it may run while the version before it still serves.
"""

from importlib import resources

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.pool import NullPool


def engine_of(owner_dsn: str) -> Engine:
    """An engine whose connections are psycopg's own, opened by `owner_dsn`."""
    return create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(owner_dsn), poolclass=NullPool
    )


def _config(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("brug.store") / "alembic"))
    config.attributes["engine"] = engine
    return config


def migrate(owner_dsn: str) -> None:
    """Brings the database to this version's schema; does nothing when it is there."""
    command.upgrade(_config(engine_of(owner_dsn)), "head")
