-- SPDX-License-Identifier: EUPL-1.2
-- The node's own Ed25519 keys: who it is to its partners. Several at a time while one
-- replaces another; none is ever removed, since what it signed stays.

CREATE TABLE identity_key (
    key_id text PRIMARY KEY,                          -- the SHA-256 of the public key, base64url
    public bytea NOT NULL CHECK (length(public) = 32),
    sealed bytea NOT NULL,                            -- brug.store.sealing
    valid_from timestamptz NOT NULL DEFAULT now(),
    valid_until timestamptz CHECK (valid_until > valid_from),
    revoked timestamptz,
    -- Which of our keys introduced this one to partners, and its signature; none of the first,
    -- and none of one that replaces a key which may be in other hands.
    introduced_by text REFERENCES identity_key,
    introduction bytea,
    CHECK ((introduced_by IS NULL) = (introduction IS NULL))
);

ALTER TABLE identity_key ENABLE ROW LEVEL SECURITY;

-- What is sealed tells nothing without the node's folder; every process signs with it.
CREATE POLICY seen ON identity_key FOR SELECT TO brug_app USING (true);
CREATE POLICY all_rows ON identity_key TO brug_all USING (true) WITH CHECK (true);
GRANT SELECT ON identity_key TO brug_app;
GRANT SELECT, INSERT, UPDATE ON identity_key TO brug_all;
