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

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['crossing_had', 'crossing_gone'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY all_rows ON %I TO brug_all USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO brug_all', name);
    END LOOP;
END $$;
