-- SPDX-License-Identifier: EUPL-1.2
-- What every node has from the start: MISP's roles under its ids and names (the flags are
-- those that a stock MISP 2.5.1 answers to GET /roles), and the audience of everyone.

INSERT INTO audience_state (version) VALUES (1);
INSERT INTO principal_state (version) VALUES (1);
INSERT INTO audience (everyone) VALUES (true);

INSERT INTO role (id, name, default_role, rights) VALUES
    (1, 'admin', false, regexp_split_to_array(trim('
        add, admin, analyst_data, audit, auditor, auth, bridge_admin, case,
        case_lead, custody, decaying, delegate, galaxy_editor, modify, modify_org,
        object_template, publish, publish_kafka, publish_zmq, recall, regexp_access,
        release, sharing_group, sighting, site_admin, sync, tag_editor, tagger,
        template, view_feed_correlations, warninglist', E' \n'), E',\\s+')),
    (2, 'Org Admin', false, regexp_split_to_array(trim('
        add, admin, analyst_data, audit, auth, decaying, delegate, galaxy_editor,
        modify, modify_org, publish, publish_kafka, publish_zmq, sharing_group,
        sighting, tag_editor, tagger, template', E' \n'), E',\\s+')),
    (3, 'User', true, regexp_split_to_array(trim('
        add, analyst_data, audit, auth, decaying, galaxy_editor, modify, modify_org,
        sighting, tagger', E' \n'), E',\\s+')),
    (4, 'Publisher', false, regexp_split_to_array(trim('
        add, analyst_data, audit, auth, decaying, delegate, galaxy_editor, modify,
        modify_org, publish, publish_kafka, publish_zmq, sighting, tagger', E' \n'), E',\\s+')),
    (5, 'Sync user', false, regexp_split_to_array(trim('
        add, analyst_data, audit, auth, decaying, delegate, galaxy_editor, modify,
        modify_org, publish, publish_kafka, publish_zmq, sharing_group, sighting,
        sync, tag_editor, tagger', E' \n'), E',\\s+')),
    (6, 'Read Only', false, regexp_split_to_array(trim('
        audit, auth', E' \n'), E',\\s+'));
ALTER TABLE role ALTER COLUMN id RESTART WITH 7;

-- Which revision the schema has, for those who may ask about the node.
CREATE FUNCTION schema_revision() RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = brug, pg_temp AS $$
BEGIN
    RETURN (SELECT version_num FROM alembic_version LIMIT 1);
END $$;
