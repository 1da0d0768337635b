# SPDX-License-Identifier: EUPL-1.2
"""The story's first steps: organisations, their users, and the group that some share in."""

import secrets

from brug.cli.demo.campaign import Organisation, Person
from brug.cli.demo.telling import Step
from brug.cli.demo.world import Account, World

ORG_ADMIN = "Org Admin"


def organisations_and_users(world: World, step: Step) -> None:
    """Made by the site admin, over the interface."""
    roles = {one["Role"]["name"]: one["Role"]["id"] for one in world.admin.get("/roles")}
    host, *others = world.campaign.organisations
    ids = {host.key: _describe_host(world, host)}
    for one in others:
        made = world.admin.post("/admin/organisations/add", _described(one))
        ids[one.key] = made["Organisation"]["id"]
    for one in world.campaign.organisations:
        for person in one.people:
            world.accounts.append(_add(world, one, ids[one.key], person, roles[person.role]))
    for one in world.campaign.organisations:
        _check_user(world, step, one)
    step.table(
        ("Organisation", "What it is", "Country", "Users"),
        [(o.name, o.type, o.nationality, len(o.people) + (o is host))
         for o in world.campaign.organisations],
    )  # fmt: skip


def _describe_host(world: World, host: Organisation) -> str:
    mine = str(world.admin.get("/users/view/me")["User"]["org_id"])
    world.admin.post(f"/admin/organisations/edit/{mine}", _described(host))
    return mine


def _described(one: Organisation) -> dict[str, object]:
    return {
        "name": one.name,
        "type": one.type,
        "sector": one.sector,
        "nationality": one.nationality,
        "description": one.description,
        "local": True,
    }


def new_password() -> str:
    """Of all the kinds of characters that are asked for."""
    return f"{secrets.token_urlsafe(9)}-Bx7"


def _add(world: World, org: Organisation, org_id: str, person: Person, role_id: str) -> Account:
    password = new_password()
    answer = world.admin.post(
        "/admin/users/add",
        {
            "email": person.email,
            "org_id": org_id,
            "role_id": role_id,
            "password": password,
            "change_pw": False,
            "termsaccepted": True,
        },
    )
    return Account(
        org=org.key,
        organisation=org.name,
        email=person.email,
        role=person.role,
        password=password,
        api_key=answer["User"]["authkey"],
        tries=person.tries,
    )


def _check_user(world: World, step: Step, one: Organisation) -> None:
    found = world.reader(one.key).get("/users/view/me")
    step.check("the analyst's key belongs to", one.name, found["Organisation"]["name"])


def sharing_group(world: World, step: Step) -> None:
    """Made by its first member, for all of them."""
    group = world.campaign.group
    owner, *others = group.members
    lead = world.with_role(owner, ORG_ADMIN)
    made = lead.post(
        "/sharing_groups/add",
        {
            "name": group.name,
            "description": group.description,
            "releasability": group.releasability,
        },
    )
    world.group_id = made["SharingGroup"]["id"]
    for key in (owner, *others):
        name = world.campaign.organisation(key).name
        lead.post(f"/sharing_groups/addOrg/{world.group_id}/{_id(world, name)}")
    for one in world.campaign.organisations:
        found = world.reader(one.key).get("/sharing_groups")["response"]
        expected = [group.name] if one.key in group.members else []
        step.check(
            f"sharing groups that {one.name} sees",
            expected,
            [item["SharingGroup"]["name"] for item in found],
        )
    names = " and ".join(world.campaign.organisation(key).name for key in group.members)
    step.say(f"{group.name}: {names}. Others do not even see that it exists.")


def _id(world: World, name: str) -> str:
    return str(world.admin.get(f"/organisations/view/{name.replace(' ', '%20')}")
               ["Organisation"]["id"])  # fmt: skip
