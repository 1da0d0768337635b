-- SPDX-License-Identifier: EUPL-1.2
-- What administrators told the node to tell a module of misp-modules (keys of services,
-- mostly): read by whoever has a value looked up, sent to the modules' server, shown to nobody.
CREATE FUNCTION module_config(p_family text, p_module text, p_names text[]) RETURNS TABLE (name text, value jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = brug, pg_temp AS $$
    SELECT n, k.value FROM unnest(p_names) AS n
        JOIN kept_setting k ON k.name = 'Plugin.' || p_family || '_' || p_module || '_' || n
        WHERE p_family IN ('Enrichment', 'Export', 'Import')
$$;
