-- SPDX-License-Identifier: EUPL-1.2
-- What of cases goes out by itself: exports with their proofs, calendar feeds, webhooks.

-- Where an entry of a case stands in the ledger.
CREATE INDEX ledger_entry_of_case ON ledger_entry ((payload ->> 'entry')) WHERE kind = 'case-entry';

-- Secret addresses of calendars; known is the digest alone, shown once is the address.
CREATE TABLE case_calendar_feed (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id int NOT NULL REFERENCES account ON DELETE CASCADE,
    digest bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
    name text NOT NULL DEFAULT '',
    with_titles boolean NOT NULL DEFAULT false,
    only_mine boolean NOT NULL DEFAULT false,
    made timestamptz NOT NULL DEFAULT now(),
    used timestamptz
);
CREATE INDEX case_calendar_feed_user ON case_calendar_feed (user_id);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['case_calendar_feed'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own ON %I TO brug_app, brug_all'
            ' USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id())', name);
        EXECUTE format('CREATE POLICY all_rows ON %I TO brug_all'
            ' USING (current_user_id() IS NULL) WITH CHECK (current_user_id() IS NULL)', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO brug_app, brug_all', name);
    END LOOP;
END $$;

-- Webhooks: addresses of persons, and of organisations where no person stands (user_id).
CREATE TABLE case_hook (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uuid uuid NOT NULL UNIQUE,
    user_id int REFERENCES account ON DELETE CASCADE,
    org_id int NOT NULL REFERENCES organisation ON DELETE CASCADE,
    name text NOT NULL DEFAULT '',
    url bytea NOT NULL,                               -- sealed, as is the secret
    secret bytea NOT NULL,
    events text[] NOT NULL,
    made timestamptz NOT NULL DEFAULT now(),
    paused timestamptz,
    why text NOT NULL DEFAULT '',
    failing timestamptz,                              -- since when nothing was taken
    next timestamptz NOT NULL DEFAULT now()           -- when to try again; while it is told: a lease
);

-- What they are still to be told. Nothing of what is in a case stands here.
CREATE TABLE case_hook_due (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hook_id int NOT NULL REFERENCES case_hook ON DELETE CASCADE,
    case_id int REFERENCES case_file ON DELETE CASCADE, -- none: somebody tries it out
    entry uuid,
    event text NOT NULL,
    message uuid NOT NULL DEFAULT gen_random_uuid(),
    details jsonb NOT NULL,
    tries int NOT NULL DEFAULT 0,
    made timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX case_hook_due_hook ON case_hook_due (hook_id, id);

-- The last attempts.
CREATE TABLE case_hook_sent (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hook_id int NOT NULL REFERENCES case_hook ON DELETE CASCADE,
    message uuid NOT NULL,
    event text NOT NULL,
    number text NOT NULL DEFAULT '',
    tries int NOT NULL,
    status int NOT NULL,
    said text NOT NULL DEFAULT '',
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX case_hook_sent_hook ON case_hook_sent (hook_id, id);
CREATE INDEX case_file_embargo ON case_file (embargo) WHERE embargo IS NOT NULL;

-- For those hooks whose owners take part in a case, may read the entry and want to hear of it:
-- whether they still do is asked when they are told.
CREATE FUNCTION note_case_hooks(p_case int, p_entry uuid, p_event text, p_details jsonb,
    p_org uuid, p_user int) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
    INSERT INTO case_hook_due (hook_id, case_id, entry, event, details)
        SELECT h.id, p_case, p_entry, p_event, p_details FROM case_hook h
        LEFT JOIN account a ON a.id = h.user_id       -- who may be of another organisation by now
        LEFT JOIN role o ON o.id = a.role_id
        CROSS JOIN LATERAL (SELECT CASE WHEN h.user_id IS NULL THEN h.org_id
            WHEN 'case' = ANY (o.rights) THEN a.org_id END AS org_id) AS of
        WHERE h.paused IS NULL AND p_event = ANY (h.events) AND EXISTS (
            SELECT 1 FROM case_party p WHERE p.case_id = p_case
                AND CASE WHEN p.user_id IS NULL THEN p.org_id = of.org_id
                    ELSE p.user_id = h.user_id END
                AND (p_org IS NULL OR p.org_uuid = p_org AND p.user_id IS NOT DISTINCT FROM p_user))
        AND (p_entry IS NULL OR EXISTS (SELECT 1 FROM case_entry e
            JOIN case_audience r ON r.id = e.readers WHERE e.uuid = p_entry
                AND (of.org_id = ANY (r.orgs) OR h.user_id = ANY (r.users))))
$$;
REVOKE EXECUTE ON FUNCTION note_case_hooks(int, uuid, text, jsonb, uuid, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION note_case_hooks(int, uuid, text, jsonb, uuid, int) TO brug_all;

-- Whether the people of an organisation who work on cases may read a case, and an entry of it.
CREATE FUNCTION organisation_reads_case(p_org int, p_case int, p_entry uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = brug, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM case_file f JOIN case_audience a ON a.id = f.readers
            WHERE f.id = p_case AND a.orgs @> ARRAY[p_org])
        AND (p_entry IS NULL OR EXISTS (SELECT 1 FROM case_entry e
            JOIN case_audience a ON a.id = e.readers
            WHERE e.uuid = p_entry AND e.case_id = p_case AND a.orgs @> ARRAY[p_org]))
$$;
REVOKE EXECUTE ON FUNCTION organisation_reads_case(int, int, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION organisation_reads_case(int, int, uuid) TO brug_all;

DO $$
DECLARE
    name text;
BEGIN
    ALTER TABLE case_hook ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON case_hook TO brug_app, brug_all
        USING (user_id = current_user_id() OR user_id IS NULL AND org_id = current_org_id()
            AND has_right('admin') AND has_right('case'))
        WITH CHECK (user_id = current_user_id() OR user_id IS NULL AND org_id = current_org_id()
            AND has_right('admin') AND has_right('case'));
    FOREACH name IN ARRAY ARRAY['case_hook_due', 'case_hook_sent'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own ON %I TO brug_app, brug_all'
            ' USING (EXISTS (SELECT 1 FROM case_hook h WHERE h.id = hook_id))'
            ' WITH CHECK (EXISTS (SELECT 1 FROM case_hook h WHERE h.id = hook_id))', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['case_hook', 'case_hook_due', 'case_hook_sent'] LOOP
        EXECUTE format('CREATE POLICY all_rows ON %I TO brug_all'
            ' USING (current_user_id() IS NULL) WITH CHECK (current_user_id() IS NULL)', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO brug_app, brug_all', name);
    END LOOP;
END $$;

-- By which of the node's tables rows of cases were computed, and up to which case they are by it.
CREATE TABLE case_table (
    name text PRIMARY KEY,
    digest bytea NOT NULL,
    upto int                                          -- none: all are
);
ALTER TABLE case_table ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON case_table TO brug_all USING (current_user_id() IS NULL)
    WITH CHECK (current_user_id() IS NULL);
GRANT SELECT, INSERT, UPDATE, DELETE ON case_table TO brug_all;
