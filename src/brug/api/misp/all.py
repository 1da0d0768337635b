# SPDX-License-Identifier: EUPL-1.2
"""Imports every module that lists endpoints, so that the table is whole."""

from brug.api.misp import (
    analyst_data,
    analyst_exchange,
    attribute_index,
    attributes,
    auth_keys,
    describe_types,
    event_filter,
    event_index,
    event_reports,
    events,
    galaxies,
    logs,
    mailing,
    object_references,
    object_templates,
    objects,
    organisations,
    protected,
    rest_search_attributes,
    rest_search_events,
    rest_search_objects,
    roles,
    servers,
    sharing_groups,
    sighting_exchange,
    sighting_search,
    sightings,
    statistics,
    tag_adding,
    tag_attaching,
    tags,
    taxonomies,
    user_settings,
    user_statistics,
    users,
    warninglists,
)
from brug.api.misp.dispatch import ENDPOINTS

MODULES = (
    analyst_data,
    analyst_exchange,
    attribute_index,
    attributes,
    auth_keys,
    describe_types,
    event_filter,
    event_index,
    event_reports,
    events,
    galaxies,
    logs,
    mailing,
    object_references,
    object_templates,
    objects,
    organisations,
    protected,
    rest_search_attributes,
    rest_search_events,
    rest_search_objects,
    roles,
    servers,
    sharing_groups,
    sighting_exchange,
    sighting_search,
    sightings,
    statistics,
    tag_adding,
    tag_attaching,
    tags,
    taxonomies,
    user_settings,
    user_statistics,
    users,
    warninglists,
)


def check() -> None:
    """Raises if a module listed nothing: its routes would be missing in silence."""
    owners = {e.handler.__module__ for e in ENDPOINTS.values()}
    missing = [m.__name__ for m in MODULES if m.__name__ not in owners]
    if missing:
        raise RuntimeError(f"no endpoints in {missing}")
