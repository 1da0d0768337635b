-- SPDX-License-Identifier: EUPL-1.2
-- Who an audience is, for those who see something that carries it. Which organisations
-- these are is told by `brug.intel.visibility`, to the owner and site admins alone.

CREATE FUNCTION organisations_in(p_audience int) RETURNS TABLE (org_id int) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
    SELECT o.id FROM organisation o, audience a
    WHERE a.id = p_audience
      AND (p_audience = ANY (my_audiences()) OR current_setting('role', true) = 'brug_all')
      AND ((a.everyone AND o.local) OR o.id = a.owner
           OR (a.groups <> '{}' AND a.groups <@ groups_of(o.id)))
$$;

-- Whether an organisation is part of an audience. Asked about one's own, or by whoever may
-- know (the caller's business); it tells of an audience, not of what carries it.
CREATE FUNCTION is_in_audience(p_audience int, p_org int) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM audience a WHERE a.id = p_audience AND (
        a.everyone OR a.owner = p_org OR (a.groups <> '{}' AND a.groups <@ groups_of(p_org))))
$$;

-- How an organisation is in a group: '' not, 'named', or 'node' as one that uses this node.
CREATE FUNCTION membership(p_group int, p_org int) RETURNS text LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM sharing_group_org WHERE sharing_group_id = p_group AND org_id = p_org)
        THEN 'named'
        WHEN EXISTS (SELECT 1 FROM sharing_group_server
                     WHERE sharing_group_id = p_group AND server_id = 0 AND all_orgs)
        THEN 'node' ELSE '' END
$$;

-- Whether anyone of an organisation sees everything by role.
CREATE FUNCTION has_site_admin(p_org int) RETURNS boolean LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM account a JOIN role r ON r.id = a.role_id
                   WHERE a.org_id = p_org AND 'site_admin' = ANY (r.rights) AND NOT a.disabled)
$$;
