-- SPDX-License-Identifier: EUPL-1.2
-- What of an event a partner has had, and what of an event was taken back here: so that what is
-- gone at the one is taken back at the other, and nothing is named that never crossed.

-- UUIDs are packed, 16 bytes each: one row an event and bridge, however many attributes it has.
CREATE TABLE crossing_had (
    bridge_id int NOT NULL REFERENCES bridge ON DELETE CASCADE,
    event_uuid uuid NOT NULL,
    attributes bytea NOT NULL DEFAULT '',
    objects bytea NOT NULL DEFAULT '',
    reports bytea NOT NULL DEFAULT '',
    refs bytea NOT NULL DEFAULT '',                   -- of objects to others
    tags jsonb NOT NULL DEFAULT '{}',                 -- names, by the UUID of what they are on
    sightings bytea NOT NULL DEFAULT '',
    notes bytea NOT NULL DEFAULT '',                  -- opinions and relationships as well
    proposals bytea NOT NULL DEFAULT '',              -- each with 16 bytes of a digest of what it says
    gone jsonb NOT NULL DEFAULT '{}',                 -- what of it is gone, as it was last decided
    turn bigint NOT NULL DEFAULT 0,                   -- grows whenever that changes
    told jsonb NOT NULL DEFAULT '{}',                 -- and what of that the partner may know
    PRIMARY KEY (bridge_id, event_uuid)
);

-- At the receiver: the last turn that was followed, and what is marked as deleted because of it.
CREATE TABLE crossing_gone (
    bridge_id int NOT NULL REFERENCES bridge ON DELETE CASCADE,
    event_uuid uuid NOT NULL,
    turn bigint NOT NULL,
    marked uuid[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (bridge_id, event_uuid)
);

-- What of that a partner took back that people said of an event: it does not come in late, either.
CREATE TABLE crossing_unsaid (
    bridge_id int NOT NULL REFERENCES bridge ON DELETE CASCADE,
    event_uuid uuid NOT NULL,
    uuids bytea NOT NULL DEFAULT '',
    PRIMARY KEY (bridge_id, event_uuid)
);

-- What people said of an event and took back: who said it, or whose event it is. What anybody else
-- removes, as a site admin may, is gone here and is not theirs to take back elsewhere.
CREATE TABLE said_taken_back (
    event_uuid uuid NOT NULL,
    uuid uuid NOT NULL,
    PRIMARY KEY (event_uuid, uuid)
);

CREATE FUNCTION sighting_taken_back() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
BEGIN
    INSERT INTO said_taken_back (event_uuid, uuid) SELECT e.uuid, g.uuid FROM gone g
        JOIN event e ON e.id = g.event_id
        WHERE current_org_id() IN (g.org_id, e.orgc_id)
          AND EXISTS (SELECT 1 FROM bridge WHERE state <> 'closed')
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER said_taken_back AFTER DELETE ON sighting
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION sighting_taken_back();

CREATE FUNCTION analyst_data_taken_back() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
BEGIN
    INSERT INTO said_taken_back (event_uuid, uuid) SELECT e.uuid, g.uuid FROM gone g
        JOIN event e ON e.id = g.event_id
        WHERE current_org_id() IN (g.orgc_id, e.orgc_id)
          AND EXISTS (SELECT 1 FROM bridge WHERE state <> 'closed')
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER said_taken_back AFTER DELETE ON analyst_data
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION analyst_data_taken_back();

-- A proposal that is settled stays; whoever holds the event settles it as well.
CREATE FUNCTION proposal_taken_back() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
BEGIN
    INSERT INTO said_taken_back (event_uuid, uuid) SELECT DISTINCT e.uuid, g.uuid FROM settled g
        JOIN event e ON e.id = g.event_id
        WHERE g.deleted AND current_org_id() IN (g.org_id, e.orgc_id, e.org_id)
          AND EXISTS (SELECT 1 FROM bridge WHERE state <> 'closed')
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER said_taken_back AFTER UPDATE ON proposal
    REFERENCING NEW TABLE AS settled FOR EACH STATEMENT EXECUTE FUNCTION proposal_taken_back();

-- With the last copy of an event there is nothing left that was said of it.
CREATE FUNCTION event_unsaid() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
BEGIN
    DELETE FROM said_taken_back WHERE event_uuid = OLD.uuid
        AND NOT EXISTS (SELECT 1 FROM event WHERE uuid = OLD.uuid);
    RETURN NULL;
END $$;
CREATE TRIGGER unsaid AFTER DELETE ON event FOR EACH ROW EXECUTE FUNCTION event_unsaid();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['crossing_had', 'crossing_gone', 'crossing_unsaid', 'said_taken_back'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY all_rows ON %I TO brug_all USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO brug_all', name);
    END LOOP;
END $$;
