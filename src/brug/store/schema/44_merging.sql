-- SPDX-License-Identifier: EUPL-1.2
-- One organisation becomes part of another: whatever names it names the other from then on,
-- and the other sees what it saw. Run as brug_owner with search_path = brug, last of all.

-- In what others signed the one is named by its UUID for ever; that UUID means the other here.
-- How many rows moved, by table. What both hold under one UUID stops it (a unique key); what
-- was forgotten here stops it as well, since a foreign key still names the organisation.
CREATE FUNCTION merge_organisation(p_from int, p_into int) RETURNS jsonb LANGUAGE plpgsql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
DECLARE
    one record;
    rows bigint;
    counted jsonb := '{}';
BEGIN
    -- Whoever writes has finished, or begins when all of this is done.
    FOR one IN
        SELECT tab FROM columns_naming('organisation') UNION SELECT 'audience'::regclass
        UNION SELECT a.attrelid::regclass FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid
            WHERE t.relnamespace = 'brug'::regnamespace AND t.relkind = 'r' AND a.attname = 'audience'
        ORDER BY 1
    LOOP
        EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', one.tab);
    END LOOP;

    UPDATE sharing_group_org t SET extend = true FROM sharing_group_org f
        WHERE f.org_id = p_from AND f.extend AND t.org_id = p_into
          AND t.sharing_group_id = f.sharing_group_id;
    DELETE FROM sharing_group_org f USING sharing_group_org t
        WHERE f.org_id = p_from AND t.org_id = p_into AND t.sharing_group_id = f.sharing_group_id;
    UPDATE sharing_group g SET name = g.name || ' (' || left(g.uuid::text, 8) || ')'
        WHERE g.org_id = p_from
          AND EXISTS (SELECT 1 FROM sharing_group o WHERE o.org_id = p_into AND o.name = g.name);
    -- What the other chose for its people holds for those who join them.
    DELETE FROM mail_choice f USING mail_choice t WHERE f.org_id = p_from AND t.org_id = p_into;
    -- What both were warned of, or registered, counts once.
    DELETE FROM catalogue_warned f USING catalogue_warned t WHERE f.org_id = p_from
        AND t.org_id = p_into
        AND (f.namespace, f.tracking_id, f.version) = (t.namespace, t.tracking_id, t.version);
    DELETE FROM inventory_product f USING inventory_product t WHERE f.org_id = p_from
        AND t.org_id = p_into AND f.bill_id IS NULL AND t.bill_id IS NULL
        AND (f.vendor, f.name, f.version, f.purl, f.cpe)
          = (t.vendor, t.name, t.version, t.purl, t.cpe);
    UPDATE inventory_bill f SET name = f.name || ' (' || f.id || ')' WHERE f.org_id = p_from
        AND EXISTS (SELECT 1 FROM inventory_bill t WHERE t.org_id = p_into AND t.name = f.name);
    DELETE FROM audience_set WHERE org_id IN (p_from, p_into);
    UPDATE organisation o SET date_modified = now(), local = o.local OR EXISTS (
            SELECT 1 FROM account WHERE org_id = p_from) WHERE o.id = p_into;

    -- The record of what was done keeps the number of whoever did it.
    FOR one IN SELECT tab, col FROM columns_naming('organisation') WHERE tab <> 'audit'::regclass LOOP
        EXECUTE format('UPDATE %s SET %I = $2 WHERE %2$I = $1', one.tab, one.col) USING p_from, p_into;
        GET DIAGNOSTICS rows = ROW_COUNT;
        counted := counted || jsonb_build_object(one.tab::text,
            greatest(rows, coalesce((counted ->> one.tab::text)::bigint, 0)));
    END LOOP;
    UPDATE correlation_rule SET selector_list = array_replace(selector_list, p_from::text, p_into::text)
        WHERE selector_type = 'orgc_id';
    UPDATE moved SET local = p_into WHERE kind = 'organisation' AND local = p_from;

    PERFORM rename_in_audiences(p_from, p_into, -p_from, -p_into);
    -- Whose an entry is and who takes part have both moved by now, in whichever order.
    PERFORM reaudience_case(c.case_id) FROM (SELECT DISTINCT case_id FROM case_party
        WHERE org_id = p_into) AS c;
    INSERT INTO organisation_merged (uuid, org_id, name)
        SELECT uuid, p_into, name FROM organisation WHERE id = p_from;
    -- Nobody asks itself to take an event over.
    DELETE FROM event_delegation WHERE org_id = requester_org_id;
    DELETE FROM organisation WHERE id = p_from;
    RETURN (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(counted)
            WHERE value <> '0'::jsonb);
END $$;
REVOKE EXECUTE ON FUNCTION merge_organisation(int, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION merge_organisation(int, int) TO brug_all;
