-- SPDX-License-Identifier: EUPL-1.2
-- Writing clusters of one's own: an own cluster is changed by its creator's galaxy editors,
-- a received one also by its holder's synchronising users; a published one by nobody. What
-- belongs to a cluster follows its audience; an unpublished one is its holder's alone.
-- Run as brug_owner with search_path = brug, after 20_vocabulary.sql and 30_intel.sql.

-- The cluster that this transaction may write to; set by claim_cluster alone.
CREATE FUNCTION editing_cluster() RETURNS int LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('brug.editing_cluster', true), '')::int $$;

-- Whether this principal may write to a cluster, and the lock that orders its writers.
-- Answers NULL where it may not; whether it may see the cluster is the policy's business.
CREATE FUNCTION claim_cluster(p_cluster int) RETURNS galaxy_cluster LANGUAGE plpgsql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
DECLARE
    taken galaxy_cluster;
BEGIN
    SELECT c.* INTO taken FROM galaxy_cluster c
        JOIN account a ON a.id = current_user_id()
        JOIN role r ON r.id = a.role_id
        WHERE c.id = p_cluster AND ('site_admin' = ANY (r.rights) OR (
            NOT c.is_default AND 'galaxy_editor' = ANY (r.rights) AND (
                c.orgc_id = a.org_id OR (c.org_id = a.org_id AND 'sync' = ANY (r.rights)))))
        FOR UPDATE OF c;
    IF FOUND THEN PERFORM set_config('brug.editing_cluster', p_cluster::text, true); END IF;
    RETURN taken;
END $$;

CREATE FUNCTION cluster_audience(p_owner int, p_level int, p_group int, p_published boolean)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = brug, pg_temp AS $$
BEGIN
    IF NOT p_published OR p_level = 0 OR (p_level = 4 AND p_group IS NULL) THEN
        RETURN intern_audience(false, coalesce(p_owner, 0), '{}');
    END IF;
    IF p_level = 4 THEN RETURN intern_audience(false, coalesce(p_owner, 0), ARRAY[p_group]); END IF;
    RETURN intern_audience(true, 0, '{}');
END $$;

CREATE FUNCTION set_cluster_audience() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
BEGIN
    NEW.audience := cluster_audience(
        NEW.org_id, NEW.distribution, NEW.sharing_group_id, NEW.published);
    RETURN NEW;
END $$;
CREATE TRIGGER cluster_audience BEFORE INSERT OR UPDATE ON galaxy_cluster
    FOR EACH ROW WHEN (NOT NEW.is_default) EXECUTE FUNCTION set_cluster_audience();

CREATE FUNCTION set_element_audience() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
BEGIN
    NEW.audience := (SELECT audience FROM galaxy_cluster WHERE id = NEW.galaxy_cluster_id);
    RETURN NEW;
END $$;
CREATE TRIGGER element_audience BEFORE INSERT OR UPDATE ON galaxy_element
    FOR EACH ROW WHEN (NOT NEW.is_default) EXECUTE FUNCTION set_element_audience();

CREATE FUNCTION set_relation_audience() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
DECLARE
    source galaxy_cluster;
BEGIN
    SELECT * INTO STRICT source FROM galaxy_cluster WHERE id = NEW.galaxy_cluster_id;
    NEW.audience := narrow(coalesce(source.audience, intern_audience(true, 0, '{}')),
        coalesce(source.org_id, 0), NEW.distribution, NEW.sharing_group_id);
    RETURN NEW;
END $$;
CREATE TRIGGER relation_audience BEFORE INSERT OR UPDATE ON galaxy_cluster_relation
    FOR EACH ROW WHEN (NOT NEW.is_default) EXECUTE FUNCTION set_relation_audience();

-- What belongs to a cluster whose audience changed, seen by its changer or not.
CREATE FUNCTION reaudience_cluster() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
BEGIN
    UPDATE galaxy_element SET audience = NEW.audience
        WHERE galaxy_cluster_id = NEW.id AND NOT is_default;
    UPDATE galaxy_cluster_relation SET audience = audience
        WHERE galaxy_cluster_id = NEW.id AND NOT is_default;
    RETURN NULL;
END $$;
CREATE TRIGGER cluster_reaudienced AFTER UPDATE ON galaxy_cluster
    FOR EACH ROW WHEN (OLD.audience IS DISTINCT FROM NEW.audience AND NOT NEW.is_default)
    EXECUTE FUNCTION reaudience_cluster();

-- The galaxy of a cluster that is brought in, by its UUID, else by its type; made if new.
CREATE FUNCTION capture_galaxy(p_uuid uuid, p_type text, p_name text, p_description text,
    p_version int, p_icon text, p_namespace text) RETURNS int LANGUAGE plpgsql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
DECLARE
    found_id int;
BEGIN
    IF NOT (has_right('galaxy_editor') OR has_right('site_admin')) THEN
        RAISE EXCEPTION 'user % may not bring galaxies', current_user_id();
    END IF;
    SELECT id INTO found_id FROM galaxy WHERE uuid = p_uuid OR type = p_type
        ORDER BY uuid = p_uuid DESC, id LIMIT 1;
    IF FOUND THEN RETURN found_id; END IF;
    INSERT INTO galaxy (uuid, type, name, description, version, icon, namespace, listed)
        VALUES (p_uuid, p_type, p_name, p_description, p_version, p_icon, p_namespace, false)
        ON CONFLICT DO NOTHING RETURNING id INTO found_id;
    IF found_id IS NULL THEN SELECT id INTO found_id FROM galaxy WHERE uuid = p_uuid; END IF;
    RETURN found_id;
END $$;

CREATE POLICY added ON galaxy_cluster FOR INSERT TO brug_app WITH CHECK (
    NOT is_default AND org_id = current_org_id() AND (SELECT has_right('galaxy_editor'))
    AND (orgc_id = org_id OR (SELECT has_right('sync'))));
CREATE POLICY changed ON galaxy_cluster FOR UPDATE TO brug_app
    USING (id = editing_cluster()) WITH CHECK (id = editing_cluster() AND NOT is_default);
CREATE POLICY removed ON galaxy_cluster FOR DELETE TO brug_app USING (id = editing_cluster());

CREATE POLICY added ON galaxy_element FOR INSERT TO brug_app
    WITH CHECK (galaxy_cluster_id = editing_cluster() AND NOT is_default);
CREATE POLICY changed ON galaxy_element FOR UPDATE TO brug_app
    USING (galaxy_cluster_id = editing_cluster())
    WITH CHECK (galaxy_cluster_id = editing_cluster() AND NOT is_default);
CREATE POLICY removed ON galaxy_element FOR DELETE TO brug_app
    USING (galaxy_cluster_id = editing_cluster());

CREATE POLICY added ON galaxy_cluster_relation FOR INSERT TO brug_app
    WITH CHECK (galaxy_cluster_id = editing_cluster() AND NOT is_default);
CREATE POLICY changed ON galaxy_cluster_relation FOR UPDATE TO brug_app
    USING (galaxy_cluster_id = editing_cluster())
    WITH CHECK (galaxy_cluster_id = editing_cluster() AND NOT is_default);
CREATE POLICY removed ON galaxy_cluster_relation FOR DELETE TO brug_app
    USING (galaxy_cluster_id = editing_cluster());

GRANT INSERT, UPDATE, DELETE ON galaxy_cluster, galaxy_element, galaxy_cluster_relation TO brug_app;
