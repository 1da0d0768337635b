-- SPDX-License-Identifier: EUPL-1.2
-- What is shown of very many cases at once, as the fold of each reader has it (brug.cases.views):
-- what ends when, and what an authority was notified of. Rows are of a reader as in case_reading
-- and go with it, so who takes part no more has none. What a case says is sealed in them; in the
-- clear stand times, and marks under the node's key as of words.

CREATE TABLE case_view (
    case_id int NOT NULL,
    reader int NOT NULL,
    turns timestamptz,                                -- when it becomes another by itself
    mark bigint NOT NULL,                             -- of all that is kept for the reader
    sealed bytea NOT NULL,                            -- what ends
    PRIMARY KEY (case_id, reader),
    FOREIGN KEY (case_id, reader) REFERENCES case_reading ON DELETE CASCADE
);
CREATE INDEX case_view_turns ON case_view (turns, reader) WHERE turns IS NOT NULL;

-- When something ends: by which a calendar finds what it has to unseal.
CREATE TABLE case_moment (
    case_id int NOT NULL,
    reader int NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (reader, at, case_id),
    FOREIGN KEY (case_id, reader) REFERENCES case_view ON DELETE CASCADE
);
CREATE INDEX case_moment_case ON case_moment (case_id, reader);

-- What a reader was notified of by an entity.
CREATE TABLE case_notified (
    case_id int NOT NULL,
    reader int NOT NULL,
    entity uuid NOT NULL,                             -- the participant
    is_over boolean NOT NULL,                         -- the case
    is_due boolean NOT NULL,                          -- first feedback
    ends timestamptz NOT NULL,                        -- when it is due; infinity: it is not
    since timestamptz NOT NULL,
    sealed bytea NOT NULL,
    marks bigint[] NOT NULL,                          -- of its value for each dimension of summaries
    said bytea[] NOT NULL,                            -- these values, sealed
    PRIMARY KEY (case_id, reader, entity),
    FOREIGN KEY (case_id, reader) REFERENCES case_view ON DELETE CASCADE
);
CREATE INDEX case_notified_due
    ON case_notified (reader, is_over, is_due DESC, ends, since, case_id, entity);

-- How many notifications of a quarter have a value: the sum. Rows are only added, as to case_tally.
CREATE TABLE case_notified_tally (
    reader int NOT NULL,
    quarter date NOT NULL,                            -- its first day, in UTC
    dimension smallint NOT NULL,                      -- from 1
    mark bigint NOT NULL,
    said bytea NOT NULL,
    cases int NOT NULL
);
CREATE INDEX case_notified_tally_of ON case_notified_tally (reader, quarter, dimension, mark);

CREATE FUNCTION quarter_of(p_at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT date_trunc('quarter', p_at AT TIME ZONE 'UTC')::date
$$;

CREATE FUNCTION notified_counted() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO case_notified_tally SELECT OLD.reader, quarter_of(OLD.since), n, m, s, -1
            FROM unnest(OLD.marks, OLD.said) WITH ORDINALITY AS v (m, s, n);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO case_notified_tally SELECT NEW.reader, quarter_of(NEW.since), n, m, s, 1
            FROM unnest(NEW.marks, NEW.said) WITH ORDINALITY AS v (m, s, n);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER counted AFTER INSERT OR DELETE ON case_notified
    FOR EACH ROW EXECUTE FUNCTION notified_counted();
CREATE TRIGGER counted_anew AFTER UPDATE ON case_notified FOR EACH ROW
    WHEN ((quarter_of(NEW.since), NEW.marks) IS DISTINCT FROM (quarter_of(OLD.since), OLD.marks))
    EXECUTE FUNCTION notified_counted();

-- Cases whose rows are to be made anew, though nobody wrote: others take part, or a person is of
-- another organisation. Until that is done they are folded by whoever looks.
CREATE TABLE case_stale (
    case_id int PRIMARY KEY REFERENCES case_file ON DELETE CASCADE,
    next timestamptz NOT NULL DEFAULT now()           -- when to try it
);

CREATE FUNCTION parties_viewed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
BEGIN
    INSERT INTO case_stale (case_id) SELECT DISTINCT c.case_id FROM changed c
        JOIN case_file f ON f.id = c.case_id ORDER BY 1 ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER viewed_added AFTER INSERT ON case_party REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION parties_viewed();
CREATE TRIGGER viewed_updated AFTER UPDATE ON case_party REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION parties_viewed();
CREATE TRIGGER viewed_removed AFTER DELETE ON case_party REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION parties_viewed();

CREATE FUNCTION person_viewed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
BEGIN
    INSERT INTO case_stale (case_id) SELECT DISTINCT p.case_id FROM case_party p WHERE p.user_id = NEW.id
        ORDER BY 1 ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER viewed AFTER UPDATE OF org_id ON account FOR EACH ROW
    WHEN (NEW.org_id <> OLD.org_id) EXECUTE FUNCTION person_viewed();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['case_view', 'case_moment', 'case_notified', 'case_stale'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY whole ON %I TO brug_all USING (has_whole_case(case_id))', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO brug_all', name);
        EXECUTE format('GRANT SELECT ON %I TO brug_app', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['case_view', 'case_moment', 'case_notified', 'case_notified_tally'] LOOP
        EXECUTE format('CREATE POLICY seen ON %I FOR SELECT TO brug_app, brug_all'
            ' USING (reader = (SELECT my_case_org()) OR reader = -(SELECT current_user_id()))', name);
    END LOOP;
    CREATE POLICY seen ON case_stale FOR SELECT TO brug_app, brug_all
        USING (EXISTS (SELECT 1 FROM case_reading r WHERE r.case_id = case_stale.case_id));
    ALTER TABLE case_notified_tally ENABLE ROW LEVEL SECURITY;
    CREATE POLICY all_rows ON case_notified_tally TO brug_all
        USING (current_user_id() IS NULL) WITH CHECK (current_user_id() IS NULL);
    GRANT SELECT, INSERT, DELETE ON case_notified_tally TO brug_all;
    GRANT SELECT ON case_notified_tally TO brug_app;
END $$;

-- Which entries for some each reader of a case has; asked for by whoever has the whole case at hand.
CREATE FUNCTION case_narrow(p_case int) RETURNS TABLE (entry uuid, reader int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = brug, pg_temp AS $$
    SELECT e.uuid, r.reader FROM case_entry e JOIN case_audience a ON a.id = e.readers
        JOIN case_reading r ON r.case_id = e.case_id
        WHERE e.case_id = p_case AND e.recipients IS NOT NULL AND has_whole_case(p_case)
          AND (r.reader = ANY (a.orgs) OR -r.reader = ANY (a.users))
$$;
REVOKE EXECUTE ON FUNCTION case_narrow(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION case_narrow(int) TO brug_all;
