-- SPDX-License-Identifier: EUPL-1.2
-- Substring search. LIKE and trigrams are not leakproof, so under a row policy they could
-- use no index; this definer's function holds the same predicate inside and filters by it
-- before anything is limited. Patterns are LIKE patterns over folded values.

-- The attributes that the session sees (site admins: all, where they ask) of which a part
-- is like one of some patterns; deleted ones too. Written values that are not in the
-- dictionary yet are read one by one, so that a write is found at once.
CREATE FUNCTION search_values(p_patterns text[], p_all boolean)
RETURNS TABLE (attribute_id bigint) LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1000
SET search_path = brug, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    audiences int[] := coalesce(my_audiences(), '{}');
BEGIN
    p_all := p_all AND has_right('site_admin');
    RETURN QUERY
    WITH known AS MATERIALIZED (
        SELECT key FROM value_text WHERE folded LIKE ANY (p_patterns)
    )
    SELECT a.id FROM known k JOIN attribute a ON a.key1 = k.key
        WHERE p_all OR a.audience IN (SELECT unnest(audiences))
    UNION
    SELECT a.id FROM known k JOIN attribute a ON a.key2 = k.key
        WHERE p_all OR a.audience IN (SELECT unnest(audiences))
    UNION
    SELECT a.id FROM value_batch b JOIN attribute a ON a.id BETWEEN b.first_id AND b.last_id
        WHERE (p_all OR a.audience IN (SELECT unnest(audiences)))
          AND (lower(a.value1) LIKE ANY (p_patterns) OR lower(a.value2) LIKE ANY (p_patterns));
END $$;

-- Moves written values into the dictionary: at most `p_batches` batches, oldest first.
-- One caller at a time; answers the number of batches taken. The caller commits.
CREATE FUNCTION index_values(p_batches int) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
SET search_path = brug, pg_temp AS $$
DECLARE
    taken int;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('brug.index_values')) THEN RETURN 0; END IF;
    WITH batch AS (
        DELETE FROM value_batch WHERE id IN (
            SELECT id FROM value_batch ORDER BY id LIMIT p_batches FOR UPDATE SKIP LOCKED)
        RETURNING first_id, last_id
    ), part AS (
        SELECT a.key1 AS key, a.value1 AS value FROM batch b
            JOIN attribute a ON a.id BETWEEN b.first_id AND b.last_id
        UNION ALL
        SELECT a.key2, a.value2 FROM batch b
            JOIN attribute a ON a.id BETWEEN b.first_id AND b.last_id WHERE a.key2 IS NOT NULL
    ), filled AS (
        INSERT INTO value_text (key, folded)
            SELECT DISTINCT ON (key) key, lower(left(value, 2000)) FROM part
            ON CONFLICT DO NOTHING
    )
    SELECT count(*) INTO taken FROM batch;
    RETURN taken;
END $$;

-- How many batches wait, counted up to a limit, and the newest of them.
CREATE FUNCTION listed_batches(p_limit int) RETURNS TABLE (batches int, newest bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = brug, pg_temp AS $$
    SELECT count(*)::int, coalesce((SELECT max(id) FROM value_batch), 0)
    FROM (SELECT 1 FROM value_batch LIMIT p_limit) AS waiting
$$;
