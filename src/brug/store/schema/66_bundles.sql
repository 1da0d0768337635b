-- SPDX-License-Identifier: EUPL-1.2
-- When the newest bundle was made that was unpacked of a bridge: an older one that comes after it
-- would bring back what was taken back since.
CREATE TABLE bundle_taken (
    bridge_id int PRIMARY KEY REFERENCES bridge ON DELETE CASCADE,
    made timestamptz NOT NULL                         -- by the sender's clock
);
ALTER TABLE bundle_taken ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON bundle_taken TO brug_all USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON bundle_taken TO brug_all;
