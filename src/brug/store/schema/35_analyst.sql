-- SPDX-License-Identifier: EUPL-1.2
-- What analysts say about anything that has a UUID: notes, opinions, relationships, nested.
-- A row says what it is about by kind and UUID. While that is not here, or not seen by the
-- row's organisation, the row is its own organisation's alone; once it is, the row is seen
-- where all above it are seen and its own level lets one see it.

CREATE SEQUENCE analyst_note_id AS bigint;
CREATE SEQUENCE analyst_opinion_id AS bigint;
CREATE SEQUENCE analyst_relationship_id AS bigint;

CREATE TABLE analyst_data (
    kind smallint NOT NULL CHECK (kind BETWEEN 0 AND 2),  -- 0 note, 1 opinion, 2 relationship
    id bigint NOT NULL,                               -- of its kind, as in MISP
    uuid uuid NOT NULL,
    object_type text NOT NULL,                        -- what it is about
    object_uuid uuid NOT NULL,
    org_id int NOT NULL REFERENCES organisation,      -- who holds this copy
    orgc_id int NOT NULL REFERENCES organisation,     -- who said it
    user_id int NOT NULL DEFAULT 0,
    authors text NOT NULL DEFAULT '',
    created timestamptz NOT NULL,
    modified timestamptz NOT NULL,                    -- whole seconds
    distribution smallint NOT NULL,
    sharing_group_id int REFERENCES sharing_group,
    locked boolean NOT NULL DEFAULT false,            -- came from another node
    note text,
    language text,
    opinion smallint,
    comment text,
    relationship_type text,
    related_object_uuid uuid,
    related_object_type text,
    parent_id bigint,                                 -- number of what it is about; null: not here
    event_id bigint,                                  -- the event at the top, if there is one
    base int[],                                       -- the audiences of what it is about
    audiences int[] NOT NULL,                         -- a reader has to be in each
    PRIMARY KEY (kind, id),
    UNIQUE (uuid, org_id)
);
CREATE INDEX analyst_data_event ON analyst_data (event_id) WHERE event_id IS NOT NULL;
CREATE INDEX analyst_data_object ON analyst_data (object_uuid);
CREATE INDEX analyst_data_related ON analyst_data (related_object_uuid) WHERE related_object_uuid IS NOT NULL;
CREATE INDEX analyst_data_waiting ON analyst_data (object_uuid) WHERE base IS NULL;

CREATE FUNCTION analyst_kind(p_kind int) RETURNS text LANGUAGE sql IMMUTABLE
AS $$ SELECT (ARRAY['Note', 'Opinion', 'Relationship'])[p_kind + 1] $$;

CREATE FUNCTION everyone_audience() RETURNS int LANGUAGE sql AS $$ SELECT intern_audience(true, 0, '{}') $$;

-- What a row is about, as its organisation sees it (a site admin: as it is); the own copy first.
CREATE FUNCTION analyst_parent(
    p_type text, p_uuid uuid, p_org int, OUT p_id bigint, OUT p_event bigint, OUT p_base int[]
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = brug, pg_temp AS $$
DECLARE
    all_seen boolean := current_setting('role', true) = 'brug_all';
    mine int[] := audiences_of(p_org);
BEGIN
    CASE p_type
    WHEN 'Event' THEN
        SELECT id, id, ARRAY[audience] INTO p_id, p_event, p_base FROM event
            WHERE uuid = p_uuid AND (all_seen OR audience = ANY (mine))
            ORDER BY org_id = p_org DESC, id LIMIT 1;
    WHEN 'Attribute' THEN
        SELECT id, event_id, ARRAY[audience] INTO p_id, p_event, p_base FROM attribute
            WHERE uuid = p_uuid AND (all_seen OR audience = ANY (mine))
            ORDER BY org_id = p_org DESC, id LIMIT 1;
    WHEN 'Object' THEN
        SELECT id, event_id, ARRAY[audience] INTO p_id, p_event, p_base FROM object
            WHERE uuid = p_uuid AND (all_seen OR audience = ANY (mine))
            ORDER BY org_id = p_org DESC, id LIMIT 1;
    WHEN 'EventReport' THEN
        SELECT id, event_id, ARRAY[audience] INTO p_id, p_event, p_base FROM event_report
            WHERE uuid = p_uuid AND (all_seen OR audience = ANY (mine))
            ORDER BY org_id = p_org DESC, id LIMIT 1;
    WHEN 'GalaxyCluster' THEN
        SELECT id, ARRAY[coalesce(audience, everyone_audience())] INTO p_id, p_base FROM galaxy_cluster
            WHERE uuid = p_uuid AND (is_default OR all_seen OR audience = ANY (mine))
            ORDER BY org_id = p_org DESC NULLS LAST, id LIMIT 1;
    WHEN 'Galaxy' THEN
        SELECT id, ARRAY[everyone_audience()] INTO p_id, p_base FROM galaxy WHERE uuid = p_uuid;
    WHEN 'Organisation' THEN
        SELECT id, ARRAY[everyone_audience()] INTO p_id, p_base FROM organisation WHERE uuid = p_uuid;
    WHEN 'SharingGroup' THEN
        SELECT id, ARRAY[intern_audience(false, org_id, ARRAY[id])] INTO p_id, p_base FROM sharing_group
            WHERE uuid = p_uuid AND (all_seen OR org_id = p_org OR id = ANY (groups_of(p_org)));
    WHEN 'Note', 'Opinion', 'Relationship' THEN
        SELECT id, event_id, audiences INTO p_id, p_event, p_base FROM analyst_data
            WHERE uuid = p_uuid AND analyst_kind(kind) = p_type AND base IS NOT NULL
              AND (all_seen OR audiences <@ mine)
            ORDER BY org_id = p_org DESC, id LIMIT 1;
    ELSE NULL;
    END CASE;
END $$;

-- Who sees a row follows from what is above it and its own level, whatever writes it.
CREATE FUNCTION place_analyst_data() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
DECLARE
    own int := event_audience(NEW.org_id, NEW.distribution, NEW.sharing_group_id, true);
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT p.p_id, p.p_event, p.p_base INTO NEW.parent_id, NEW.event_id, NEW.base
            FROM analyst_parent(NEW.object_type, NEW.object_uuid, NEW.org_id) AS p;
    END IF;
    IF NEW.base IS NULL THEN
        NEW.parent_id := NULL; NEW.event_id := NULL;
        NEW.audiences := ARRAY[intern_audience(false, NEW.org_id, '{}')];
    ELSE
        NEW.audiences := (SELECT array_agg(DISTINCT a ORDER BY a) FROM unnest(NEW.base || own) AS a);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER analyst_data_placed BEFORE INSERT OR UPDATE ON analyst_data
    FOR EACH ROW EXECUTE FUNCTION place_analyst_data();

-- What is said about a row goes where the row goes.
CREATE FUNCTION follow_analyst_data() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        UPDATE analyst_data SET base = NULL
            WHERE object_uuid = OLD.uuid AND object_type = analyst_kind(OLD.kind) AND parent_id = OLD.id;
    ELSE
        UPDATE analyst_data SET parent_id = NEW.id, event_id = NEW.event_id,
                base = CASE WHEN NEW.base IS NOT NULL THEN NEW.audiences END
            WHERE object_uuid = NEW.uuid AND object_type = analyst_kind(NEW.kind)
              AND (parent_id = NEW.id
                   OR (base IS NULL AND NEW.base IS NOT NULL AND NEW.audiences <@ audiences_of(org_id)));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER analyst_data_added AFTER INSERT OR DELETE ON analyst_data
    FOR EACH ROW EXECUTE FUNCTION follow_analyst_data();
CREATE TRIGGER analyst_data_moved AFTER UPDATE ON analyst_data FOR EACH ROW
    WHEN (OLD.audiences IS DISTINCT FROM NEW.audiences OR (OLD.base IS NULL) <> (NEW.base IS NULL)
          OR OLD.event_id IS DISTINCT FROM NEW.event_id)
    EXECUTE FUNCTION follow_analyst_data();

-- After the items of the claimed event came, went or changed their audience.
CREATE FUNCTION settle_analyst_data(p_event bigint) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
BEGIN
    IF (p_event = ANY (editing())) IS NOT TRUE THEN
        RAISE EXCEPTION 'event % is not claimed by this transaction', p_event;
    END IF;
    IF EXISTS (SELECT 1 FROM analyst_data WHERE event_id = p_event) THEN
        WITH item AS MATERIALIZED (
            SELECT 'Event' AS type, id, audience FROM event WHERE id = p_event
            UNION ALL SELECT 'Attribute', id, audience FROM attribute WHERE event_id = p_event
            UNION ALL SELECT 'Object', id, audience FROM object WHERE event_id = p_event
            UNION ALL SELECT 'EventReport', id, audience FROM event_report WHERE event_id = p_event
        ), about AS (
            SELECT d.kind, d.id, CASE WHEN i.id IS NOT NULL THEN ARRAY[i.audience] END AS base
            FROM analyst_data d LEFT JOIN item i ON i.type = d.object_type AND i.id = d.parent_id
            WHERE d.event_id = p_event
              AND d.object_type IN ('Event', 'Attribute', 'Object', 'EventReport'))
        UPDATE analyst_data d SET base = about.base FROM about
            WHERE d.kind = about.kind AND d.id = about.id AND d.base IS DISTINCT FROM about.base;
    END IF;
    IF EXISTS (SELECT 1 FROM analyst_data WHERE base IS NULL) THEN
        WITH item AS (
            SELECT 'Event' AS type, id, uuid, audience FROM event WHERE id = p_event
            UNION ALL SELECT 'Attribute', id, uuid, audience FROM attribute WHERE event_id = p_event
            UNION ALL SELECT 'Object', id, uuid, audience FROM object WHERE event_id = p_event
            UNION ALL SELECT 'EventReport', id, uuid, audience FROM event_report WHERE event_id = p_event)
        UPDATE analyst_data d SET parent_id = item.id, event_id = p_event, base = ARRAY[item.audience]
            FROM item
            WHERE d.base IS NULL AND d.object_uuid = item.uuid AND d.object_type = item.type
              AND is_in_audience(item.audience, d.org_id);
    END IF;
END $$;

-- The same for own clusters, whose level or publication changes one by one.
CREATE FUNCTION settle_on_cluster() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = brug, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        UPDATE analyst_data SET base = NULL
            WHERE object_uuid = OLD.uuid AND object_type = 'GalaxyCluster' AND parent_id = OLD.id;
    ELSE
        UPDATE analyst_data SET parent_id = NEW.id, base = ARRAY[NEW.audience]
            WHERE object_uuid = NEW.uuid AND object_type = 'GalaxyCluster'
              AND (parent_id = NEW.id OR (base IS NULL AND is_in_audience(NEW.audience, org_id)));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER cluster_moved AFTER INSERT OR UPDATE OF audience ON galaxy_cluster
    FOR EACH ROW WHEN (NEW.audience IS NOT NULL) EXECUTE FUNCTION settle_on_cluster();
CREATE TRIGGER cluster_gone AFTER DELETE ON galaxy_cluster
    FOR EACH ROW WHEN (OLD.audience IS NOT NULL) EXECUTE FUNCTION settle_on_cluster();

ALTER TABLE analyst_data ENABLE ROW LEVEL SECURITY;

CREATE POLICY seen ON analyst_data FOR SELECT TO brug_app
    USING (audiences <@ (SELECT my_audiences()));
CREATE POLICY added ON analyst_data FOR INSERT TO brug_app WITH CHECK (
    org_id = current_org_id() AND (SELECT has_right('analyst_data'))
    AND (orgc_id = current_org_id() OR (SELECT has_right('sync'))));
CREATE POLICY changed ON analyst_data FOR UPDATE TO brug_app USING (
    (SELECT has_right('analyst_data'))
    AND (orgc_id = current_org_id() OR (org_id = current_org_id() AND (SELECT has_right('sync')))));
CREATE POLICY removed ON analyst_data FOR DELETE TO brug_app USING (
    (SELECT has_right('analyst_data'))
    AND (orgc_id = current_org_id() OR (org_id = current_org_id() AND (SELECT has_right('sync')))));
CREATE POLICY all_rows ON analyst_data TO brug_all USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, DELETE ON analyst_data TO brug_app, brug_all;
-- What a row is about, who said it and who holds it are for ever.
GRANT UPDATE (authors, modified, distribution, sharing_group_id, locked, note, language, opinion, comment,
    relationship_type, related_object_uuid, related_object_type) ON analyst_data TO brug_app, brug_all;
GRANT USAGE ON SEQUENCE analyst_note_id, analyst_opinion_id, analyst_relationship_id TO brug_app, brug_all;
