-- SPDX-License-Identifier: EUPL-1.2
-- What of cases goes out by itself: exports with their proofs, calendar feeds, webhooks.

-- Where an entry of a case stands in the ledger.
CREATE INDEX ledger_entry_of_case ON ledger_entry ((payload ->> 'entry')) WHERE kind = 'case-entry';

-- When something ends in a case: which cases a calendar has to look at, and no more than that.
-- What ends, a calendar says from what its reader has of the case.
CREATE TABLE case_moment (
    case_id int NOT NULL REFERENCES case_file ON DELETE CASCADE,
    at timestamptz NOT NULL,
    PRIMARY KEY (case_id, at)
);
CREATE INDEX case_moment_at ON case_moment (at, case_id);

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
    EXECUTE 'ALTER TABLE case_moment ENABLE ROW LEVEL SECURITY';
    CREATE POLICY whole ON case_moment TO brug_all USING (has_whole_case(case_id));
    CREATE POLICY seen ON case_moment FOR SELECT TO brug_app, brug_all
        USING (EXISTS (SELECT 1 FROM case_file f WHERE f.id = case_id OFFSET 0));
    GRANT SELECT, INSERT, UPDATE, DELETE ON case_moment TO brug_all;
    GRANT SELECT ON case_moment TO brug_app;
    FOREACH name IN ARRAY ARRAY['case_calendar_feed'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own ON %I TO brug_app, brug_all'
            ' USING (user_id = current_user_id()) WITH CHECK (user_id = current_user_id())', name);
        EXECUTE format('CREATE POLICY all_rows ON %I TO brug_all'
            ' USING (current_user_id() IS NULL) WITH CHECK (current_user_id() IS NULL)', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO brug_app, brug_all', name);
    END LOOP;
END $$;
