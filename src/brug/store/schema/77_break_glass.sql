-- SPDX-License-Identifier: EUPL-1.2
-- Breaking the glass: a site admin, who sees no more cases than they take part in, reads one for
-- some hours, by an entry that all who take part see (brug.cases.breaking).

CREATE INDEX case_party_glass ON case_party (case_id) WHERE role = 'break_glass';

-- Which case is meant, by number or UUID. It tells a site admin that the case is there, to whom
-- the entry that follows in the same transaction tells everybody else.
CREATE FUNCTION case_behind_glass(p_which text) RETURNS int LANGUAGE plpgsql STABLE
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
BEGIN
    IF current_user_id() IS NULL OR NOT has_right('site_admin') THEN
        RAISE insufficient_privilege USING MESSAGE = 'only a site admin breaks the glass';
    END IF;
    RETURN (SELECT id FROM case_file
        WHERE number = upper(p_which) OR uuid::text = lower(p_which) LIMIT 1);
END $$;
