-- SPDX-License-Identifier: EUPL-1.2
-- Who was asked to say that they have read an entry and has not said so, as the fold has it.

CREATE TABLE case_unread (
    case_id int NOT NULL REFERENCES case_file ON DELETE CASCADE,
    entry bigint NOT NULL REFERENCES case_entry ON DELETE CASCADE,
    participant uuid NOT NULL,
    PRIMARY KEY (case_id, participant, entry)
);
CREATE INDEX case_unread_entry ON case_unread (entry);

ALTER TABLE case_unread ENABLE ROW LEVEL SECURITY;
CREATE POLICY whole ON case_unread TO brug_all
    USING (has_whole_case(case_id)) WITH CHECK (has_whole_case(case_id));
CREATE POLICY seen ON case_unread FOR SELECT TO brug_app, brug_all
    USING (EXISTS (SELECT 1 FROM case_entry e WHERE e.number = entry OFFSET 0));
GRANT SELECT, INSERT, UPDATE, DELETE ON case_unread TO brug_all;
GRANT SELECT ON case_unread TO brug_app;

-- Which nodes have said that an entry arrived: of entries that the session's organisation wrote,
-- and to nobody else.
CREATE FUNCTION case_arrivals(p_case int) RETURNS TABLE (entry uuid, org uuid, at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = brug, pg_temp AS $$
    SELECT e.uuid, o.uuid, max(coalesce(c.received, c.sent)) FROM case_entry e
        JOIN case_audience a ON a.id = e.readers
        JOIN crossing c ON c.event_uuid = e.uuid AND c.kind = 'case' AND c.outward
        JOIN bridge b ON b.id = c.bridge_id JOIN partner p ON p.id = b.partner_id
        JOIN organisation o ON o.id = p.org_id
        WHERE e.case_id = p_case AND e.author_org = current_org_id() AND c.receipt IS NOT NULL
          AND (a.orgs @> ARRAY[(SELECT my_case_org())] OR a.users @> ARRAY[current_user_id()])
        GROUP BY e.uuid, o.uuid
$$;
