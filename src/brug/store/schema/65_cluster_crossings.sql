-- SPDX-License-Identifier: EUPL-1.2
-- A cluster of a node's own travels with the events that use it: where it changes they are
-- looked at again. What is not published is its holder's alone, and nothing changes for others.
CREATE FUNCTION note_cluster(p_tag text) RETURNS void LANGUAGE sql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
    SELECT note_change(array_agg(DISTINCT used.event_id)) FROM (
        SELECT l.event_id FROM event_tag l JOIN tag t ON t.id = l.tag_id
            WHERE lower(t.name) = lower(p_tag) AND NOT l.local
        UNION SELECT l.event_id FROM attribute_tag l JOIN tag t ON t.id = l.tag_id
            WHERE lower(t.name) = lower(p_tag) AND NOT l.local) AS used
    HAVING count(*) > 0
$$;
REVOKE EXECUTE ON FUNCTION note_cluster(text) FROM PUBLIC;

CREATE FUNCTION cluster_changed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
BEGIN
    PERFORM note_cluster(NEW.tag_name);
    RETURN NULL;
END $$;
CREATE TRIGGER crossing_due AFTER INSERT OR UPDATE ON galaxy_cluster
    FOR EACH ROW WHEN (NEW.published AND NOT NEW.is_default) EXECUTE FUNCTION cluster_changed();

CREATE FUNCTION cluster_relation_changed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
BEGIN
    PERFORM note_cluster(c.tag_name) FROM galaxy_cluster c
        WHERE c.id = coalesce(NEW.galaxy_cluster_id, OLD.galaxy_cluster_id)
            AND c.published AND NOT c.is_default;
    RETURN NULL;
END $$;
CREATE TRIGGER crossing_due_added AFTER INSERT OR UPDATE ON galaxy_cluster_relation
    FOR EACH ROW WHEN (NOT NEW.is_default) EXECUTE FUNCTION cluster_relation_changed();
CREATE TRIGGER crossing_due_removed AFTER DELETE ON galaxy_cluster_relation
    FOR EACH ROW WHEN (NOT OLD.is_default) EXECUTE FUNCTION cluster_relation_changed();
