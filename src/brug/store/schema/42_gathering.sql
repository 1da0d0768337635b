-- SPDX-License-Identifier: EUPL-1.2
-- Attributes that become part of an object are stored anew, since partners would not move
-- theirs. What hangs on the old one goes along: tags and bytes are copied, as the old one may
-- come back; sightings and references now speak of the new one, also those that its changer
-- does not see.
CREATE FUNCTION hand_on(p_event bigint, p_from bigint, p_to bigint, p_timestamp bigint)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = brug, pg_temp AS $$
DECLARE
    target attribute;
BEGIN
    IF (p_event = ANY (editing())) IS NOT TRUE THEN
        RAISE EXCEPTION 'event % is not claimed by this transaction', p_event;
    END IF;
    SELECT * INTO STRICT target FROM attribute WHERE id = p_to AND event_id = p_event;
    INSERT INTO attribute_tag (event_id, attribute_id, tag_id, local, relationship_type, audience)
        SELECT event_id, p_to, tag_id, local, relationship_type, target.audience
        FROM attribute_tag WHERE attribute_id = p_from AND event_id = p_event ORDER BY id
        ON CONFLICT DO NOTHING;
    INSERT INTO attachment (attribute_id, event_id, audience, data)
        SELECT p_to, event_id, target.audience, data FROM attachment
        WHERE attribute_id = p_from AND event_id = p_event;
    UPDATE sighting SET attribute_id = p_to, audience = target.audience
        WHERE attribute_id = p_from AND event_id = p_event;
    UPDATE object_reference SET referenced_id = p_to, referenced_uuid = target.uuid,
            timestamp = p_timestamp
        WHERE event_id = p_event AND referenced_type = 0 AND referenced_id = p_from
          AND NOT deleted;
END $$;
