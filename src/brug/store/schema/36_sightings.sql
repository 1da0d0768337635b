-- SPDX-License-Identifier: EUPL-1.2
-- That sightings of an event are ready for partners. Whoever may report on an event may say
-- so, also where it is another organisation's; nothing else of the event changes.
CREATE FUNCTION publish_sightings(p_event bigint) RETURNS boolean LANGUAGE sql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
    UPDATE event e SET sighting_timestamp = greatest(
            extract(epoch FROM clock_timestamp())::bigint, e.sighting_timestamp)
        WHERE e.id = p_event AND has_right('sighting')
          AND (has_right('site_admin') OR e.audience IN (SELECT unnest(my_audiences())))
    RETURNING true
$$;
REVOKE ALL ON FUNCTION publish_sightings(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION publish_sightings(bigint) TO brug_app, brug_all;
