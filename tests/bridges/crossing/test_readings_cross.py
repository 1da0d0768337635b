# SPDX-License-Identifier: EUPL-1.2
"""Who has read what, across nodes: each says so on its own, and the author's node shows it."""

from tests.bridges.crossing.joint import Joint
from tests.bridges.crossing.triangles import Triangle
from tests.bridges.served import ADMIN

from brug.cases import files
from brug.cases.acts import Said
from brug.cases.crisis import acknowledging, receipts


def test_a_reader_on_another_node_says_so_and_the_author_sees_it_arrive(
    triangle: Triangle,
) -> None:
    joint = Joint(triangle)
    entity = joint.join(joint.other, "entity")
    joint.join(joint.third, "csirt")
    triangle.work()
    entry = joint.act(joint.one, Said(text="for the entity"), (entity,)).id
    with joint.one.database.as_user(ADMIN) as session:
        acknowledging.ask(session, joint.uuid, entry)
    triangle.work()
    with joint.other.database.as_user(ADMIN) as session:
        assert [one.count for one in receipts.reminders(session)] == [1]
        acknowledging.acknowledge(session, joint.uuid, entry)
        assert receipts.reminders(session) == []
        assert receipts.arrivals(session, files.find(session, joint.uuid).id) == {}
    triangle.work()
    (one,) = receipts.readings(joint.seen(joint.one))
    assert [(part.id, said is not None) for part, said in one.rows] == [(entity, True)]
    with joint.one.database.as_user(ADMIN) as session:
        arrived = receipts.arrivals(session, files.find(session, joint.uuid).id)
        assert session.value("SELECT count(*) FROM case_unread") == 0
    assert (entry, joint.other.org) in arrived
    assert (entry, joint.third.org) not in arrived
    assert joint.seen(joint.third).asked == {}
