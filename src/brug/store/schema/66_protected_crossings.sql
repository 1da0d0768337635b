-- SPDX-License-Identifier: EUPL-1.2
-- The signature under a protected event as it last crossed a bridge: OpenPGP signs the same bytes
-- otherwise each time, and what is handed over again has to be the same message.
CREATE TABLE protected_crossing (
    bridge_id int NOT NULL REFERENCES bridge ON DELETE CASCADE,
    event_uuid uuid NOT NULL,
    key text NOT NULL,                                -- fingerprint of what signed
    digest bytea NOT NULL,                            -- SHA-256 of what is signed
    signature text NOT NULL,                          -- in Base64
    PRIMARY KEY (bridge_id, event_uuid)
);
ALTER TABLE protected_crossing ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON protected_crossing TO brug_all USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON protected_crossing TO brug_all;
