-- SPDX-License-Identifier: EUPL-1.2
-- What people said of single parts of an event that are held on a bridge: of one version of each.
CREATE TABLE part_judged (
    bridge_id int NOT NULL REFERENCES bridge ON DELETE CASCADE,
    event_uuid uuid NOT NULL,
    key text NOT NULL,                                -- as decisions name parts; "event" is the event's own
    version bytea NOT NULL,                           -- SHA-256 of what it says and why it is held
    what text NOT NULL CHECK (what IN ('released', 'first yes', 'refused')),
    people int[] NOT NULL,
    because text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bridge_id, event_uuid, key)
);
ALTER TABLE part_judged ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON part_judged TO brug_all USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON part_judged TO brug_all;

-- Events of which parts wait for a person though the rest crosses.
CREATE INDEX crossing_waiting_parts ON crossing (id) WHERE waiting_parts > 0;
