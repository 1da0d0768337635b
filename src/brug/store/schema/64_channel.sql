-- SPDX-License-Identifier: EUPL-1.2
-- How two nodes come to know each other, and what one remembers of the other while they talk.

-- Given to a partner-to-be, or accepted from one. It counts once; `acceptance` is what
-- answered it, kept so that an answer which was lost on its way can be given again.
CREATE TABLE invitation (
    bridge_uuid uuid PRIMARY KEY,
    given boolean NOT NULL,                           -- by us; else it came from the partner
    name text NOT NULL,                               -- what the partner will be called here
    org_id int REFERENCES organisation ON DELETE CASCADE, -- who it must turn out to be
    token_hash bytea UNIQUE,                          -- SHA-256; ours only
    nonce text NOT NULL,                              -- our part of the authentication string
    document text NOT NULL,                           -- signed, as it is handed over
    acceptance text,                                  -- signed by whoever accepted
    ca_pem text NOT NULL DEFAULT '',
    made timestamptz NOT NULL DEFAULT now(),
    made_by int NOT NULL,
    expires timestamptz NOT NULL,
    used timestamptz
);

CREATE TABLE channel (
    bridge_id int PRIMARY KEY REFERENCES bridge ON DELETE CASCADE,
    authentication_string text NOT NULL,              -- what people on both sides compare
    confirmed timestamptz,                            -- when somebody here had compared it
    confirmed_by int,
    version smallint NOT NULL,                        -- of the protocol, agreed; never goes down
    told_key text NOT NULL,                           -- the newest of our keys that the partner holds
    told text NOT NULL,                               -- digest of all that it was told of our keys
    agreement int,                                    -- id of the one that was in force last
    heard timestamptz,                                -- last message that was the partner's
    answered timestamptz,                             -- last answer that was the partner's
    -- How its node is reached: brug.directory.routes.
    ca_pem text NOT NULL DEFAULT '',                  -- whom to trust there instead of the system's
    proxy text NOT NULL DEFAULT '',                   -- its address, without password; '': the node's
    skip_proxy boolean NOT NULL DEFAULT false,        -- reached directly, whatever the node's is
    sealed_proxy_password bytea,
    client_certificate text NOT NULL DEFAULT '',      -- with its chain, in PEM
    sealed_client_key bytea,
    collects boolean NOT NULL DEFAULT false,          -- we fetch what is for us: nobody reaches us
    cursor bigint,                                    -- the partner's place up to which we have it
    missed_since timestamptz,                         -- we were restored: it is to come once more
    words_missed_since timestamptz,                   -- and what we said ourselves is asked for
    collected timestamptz                             -- when the partner last fetched what is for it
);

-- What a partner used once within the age that a signature may have.
CREATE TABLE message_nonce (
    bridge_id int NOT NULL REFERENCES bridge ON DELETE CASCADE,
    nonce text NOT NULL,
    expires timestamptz NOT NULL,
    PRIMARY KEY (bridge_id, nonce)
);
CREATE INDEX message_nonce_expires ON message_nonce (bridge_id, expires);

-- Which versions of an agreement, signed by us, have reached the partner; `problem` is why one
-- was refused there.
CREATE TABLE agreement_told (
    agreement_id int PRIMARY KEY REFERENCES agreement ON DELETE CASCADE,
    at timestamptz NOT NULL DEFAULT now(),
    problem text NOT NULL DEFAULT ''
);

ALTER TABLE invitation ENABLE ROW LEVEL SECURITY;
ALTER TABLE channel ENABLE ROW LEVEL SECURITY;
ALTER TABLE message_nonce ENABLE ROW LEVEL SECURITY;
ALTER TABLE agreement_told ENABLE ROW LEVEL SECURITY;

CREATE POLICY seen ON agreement_told FOR SELECT TO brug_app USING
    ((SELECT host_has_right('bridge_admin', 'release', 'recall', 'auditor')));
CREATE POLICY all_rows ON agreement_told TO brug_all USING (true) WITH CHECK (true);
GRANT SELECT ON agreement_told TO brug_app;
GRANT SELECT, INSERT, DELETE ON agreement_told TO brug_all;
CREATE POLICY seen ON channel FOR SELECT TO brug_app USING
    ((SELECT host_has_right('bridge_admin', 'release', 'recall', 'auditor')));
CREATE POLICY changed ON channel TO brug_app USING
    ((SELECT host_has_right('bridge_admin'))) WITH CHECK ((SELECT host_has_right('bridge_admin')));
CREATE POLICY changed ON invitation TO brug_app USING
    ((SELECT host_has_right('bridge_admin'))) WITH CHECK ((SELECT host_has_right('bridge_admin')));
CREATE POLICY all_rows ON invitation TO brug_all USING (true) WITH CHECK (true);
CREATE POLICY all_rows ON channel TO brug_all USING (true) WITH CHECK (true);
CREATE POLICY all_rows ON message_nonce TO brug_all USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON invitation, channel TO brug_app, brug_all;
GRANT SELECT, INSERT, DELETE ON message_nonce TO brug_all;

-- Nobody signs in as the account of a native bridge, and no key of a user opens it: it acts
-- for whoever signs its messages. Said here, because it holds for every way to write.
CREATE FUNCTION guard_bridge_key() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM bridge WHERE account_id = NEW.user_id AND transport = 'native') THEN
        RAISE insufficient_privilege USING MESSAGE = 'the account of a bridge has no key of a user';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_bridge_key BEFORE INSERT OR UPDATE OF user_id ON auth_key
    FOR EACH ROW EXECUTE FUNCTION guard_bridge_key();

CREATE FUNCTION guard_bridge_account() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM bridge WHERE account_id = NEW.id
        AND transport IN ('native', 'misp')) THEN
        RAISE insufficient_privilege USING MESSAGE = 'nobody signs in as the account of a bridge';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_bridge_account BEFORE UPDATE OF password_hash, issuer, subject ON account
    FOR EACH ROW WHEN (NEW.password_hash IS NOT NULL OR NEW.subject IS NOT NULL)
    EXECUTE FUNCTION guard_bridge_account();
