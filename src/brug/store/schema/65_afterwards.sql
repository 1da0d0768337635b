-- SPDX-License-Identifier: EUPL-1.2
-- What becomes of an event after it crossed a bridge: how long it is kept, whether it was opened
-- and used, and what the partner says of that.

-- Kept for a legal reason, whatever retention or a recall says.
CREATE TABLE legal_hold (
    event_uuid uuid PRIMARY KEY,
    because text NOT NULL,
    placed_by int NOT NULL,
    placed timestamptz NOT NULL DEFAULT now()
);

-- Of what came over a bridge: what was done when its time was over, whether it was opened, and
-- what the partner was told.
CREATE TABLE kept_here (
    bridge_id int NOT NULL REFERENCES bridge ON DELETE CASCADE,
    event_uuid uuid NOT NULL,
    ended text CHECK (ended IN ('deleted', 'stripped', 'kept')),
    ended_at timestamptz,
    opened date,
    opened_told boolean NOT NULL DEFAULT false,
    used_told int NOT NULL DEFAULT 0,
    PRIMARY KEY (bridge_id, event_uuid)
);
CREATE INDEX kept_here_event ON kept_here (event_uuid);
CREATE INDEX kept_here_opened ON kept_here (bridge_id) WHERE opened IS NOT NULL AND NOT opened_told;

-- Of what went over a bridge: what the partner said of it.
CREATE TABLE kept_there (
    bridge_id int NOT NULL REFERENCES bridge ON DELETE CASCADE,
    event_uuid uuid NOT NULL,
    ended text CHECK (ended IN ('deleted', 'stripped', 'kept')),
    ended_at timestamptz,
    ended_version bigint,                             -- of the event, up to which that holds
    opened date,                                      -- when it was told; the day is all there is
    used int,
    used_at timestamptz,
    PRIMARY KEY (bridge_id, event_uuid)
);
CREATE INDEX kept_there_event ON kept_there (event_uuid);

CREATE INDEX crossing_came ON crossing (bridge_id, event_uuid)
    WHERE NOT outward AND kind = 'event' AND state = 'received';

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['legal_hold', 'kept_here', 'kept_there'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY all_rows ON %I TO brug_all USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO brug_all', name);
        EXECUTE format('GRANT SELECT ON %I TO brug_app', name);
    END LOOP;
    CREATE POLICY seen ON legal_hold FOR SELECT TO brug_app USING (
        (SELECT host_has_right('bridge_admin', 'release', 'recall', 'auditor'))
        AND EXISTS (SELECT 1 FROM event e WHERE e.uuid = legal_hold.event_uuid));
    -- Who works with bridges sees of it what they see of the crossings.
    FOREACH name IN ARRAY ARRAY['kept_here', 'kept_there'] LOOP
        EXECUTE format('CREATE POLICY seen ON %1$I FOR SELECT TO brug_app USING ('
            '(SELECT host_has_right(''bridge_admin'', ''release'', ''recall'', ''auditor''))'
            ' AND EXISTS (SELECT 1 FROM crossing c WHERE c.bridge_id = %1$I.bridge_id'
            ' AND c.event_uuid = %1$I.event_uuid))', name);
    END LOOP;
END $$;
