-- SPDX-License-Identifier: EUPL-1.2
-- Substring search. LIKE and trigrams are not leakproof, so under a row policy they could
-- use no index; this definer's function holds the same predicate inside and filters by it
-- BEFORE it limits. It answers ids of attributes that the session sees, newest first.

CREATE FUNCTION search_substring(p_needle text, p_limit int, p_all boolean DEFAULT false)
RETURNS TABLE (attribute_id bigint) LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = brug, pg_temp AS $$
DECLARE
    audiences int[] := coalesce(my_audiences(), '{}');
    pattern text := '%' || replace(replace(replace(p_needle, '\', '\\'), '%', '\%'), '_', '\_') || '%';
BEGIN
    p_all := p_all AND has_right('site_admin');
    RETURN QUERY
    WITH known AS (
        SELECT key FROM value_text WHERE folded LIKE pattern
    ), hits AS (
        SELECT a.id FROM known k JOIN attribute a ON a.key1 = k.key
            WHERE NOT a.deleted AND (p_all OR a.audience IN (SELECT unnest(audiences)))
        UNION
        SELECT a.id FROM known k JOIN attribute a ON a.key2 = k.key
            WHERE NOT a.deleted AND (p_all OR a.audience IN (SELECT unnest(audiences)))
        UNION
        SELECT a.id FROM value_batch b JOIN attribute a ON a.id BETWEEN b.first_id AND b.last_id
            WHERE NOT a.deleted AND (p_all OR a.audience IN (SELECT unnest(audiences)))
              AND (lower(a.value1) LIKE pattern OR lower(a.value2) LIKE pattern)
    )
    SELECT id FROM hits ORDER BY id DESC LIMIT p_limit;
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
