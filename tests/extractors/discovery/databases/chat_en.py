"""A chat tool with random text keys: workspaces, channels, members with an address each per workspace, messages."""

from tests.extractors.discovery.databases.world import World, spread

SCHEMA = """
workspace: id text pk, name text, plan text, billing_email text
identity: id text pk, handle text, avatar text, created_at time
identity_email: identity_id text pk, address text pk, verified bool
membership: id text pk, identity_id text, workspace_id text, role text
channel: id text pk, workspace_id text, title text, created_by text
message: id text pk, channel_id text, sender_id text, body text, sent_at time
reaction: message_id text pk, identity_id text pk, emoji text
attachment: id text pk, message_id text, file_name text, checksum text
device: id text pk, identity_id text, push_token text, ip text
invite: id text pk, workspace_id text, invited_email text, invited_by text, sent_at time
"""


def build() -> World:
    world = World("chat_en", SCHEMA)
    people = world.cast("en", 70)
    spaces = [
        world.add(
            "workspace", id=f"W{world.hex(9)}", name=f"Team {n}", plan="free", billing_email=f"bills{n}@firm.test"
        )
        for n in range(4)
    ]
    ids = {one: f"U{world.hex(9)}" for one in people}
    for one in people:
        world.add(
            "identity",
            [one],
            id=ids[one],
            handle=f"{one.given.lower()}{people.index(one)}",
            avatar="a.png",
            created_at=world.moment(),
        )
        world.add("identity_email", [one], identity_id=ids[one], address=one.email, verified=True)
        for space in world.pick.sample(spaces, world.pick.randint(1, 2)):
            world.add("membership", [one], id=world.hex(10), identity_id=ids[one], workspace_id=space, role="member")
        world.add("device", [one], id=world.hex(12), identity_id=ids[one], push_token=world.hex(40), ip=world.ip())
    channels = []
    for number in range(16):
        one = world.pick.choice(people)
        channels.append(
            world.add(
                "channel",
                [one],
                tolerated=people,
                id=f"C{world.hex(9)}",
                workspace_id=world.pick.choice(spaces),
                title=f"channel {number}",
                created_by=ids[one],
            )
        )
    for one in spread(world, people, 300):
        message = world.add(
            "message",
            [one],
            id=world.hex(16),
            channel_id=world.pick.choice(channels),
            sender_id=ids[one],
            body=world.text("en"),
            sent_at=world.moment(),
        )
        for other in world.pick.sample(people, world.pick.randint(0, 2)):
            world.add("reaction", [other], message_id=message, identity_id=ids[other], emoji=":+1:")
        if world.chance(0.2):
            world.add(
                "attachment", [one], id=world.hex(16), message_id=message, file_name="plan.pdf", checksum=world.hex(64)
            )
    for _ in range(40):
        one = world.pick.choice(people)
        guest = world.pick.choice([other for other in people if other is not one])
        world.add(
            "invite",
            [one],
            tolerated=[guest],
            id=world.hex(10),
            workspace_id=world.pick.choice(spaces),
            invited_email=guest.email,
            invited_by=ids[one],
            sent_at=world.moment(),
        )
    return world
