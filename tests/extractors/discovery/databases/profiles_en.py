"""A club's site that keeps everything of a member but a nickname as names and values, e-mail and telephone too."""

from tests.extractors.discovery.databases.world import World, spread

SCHEMA = """
members: member_id int pk, nick text, state text, joined time
member_fields: id int pk, member_id int, field text, value text
posts: id int pk, author int, title text, body text, posted time
replies: id int pk, post_id int, author int, body text
bookmarks: id int pk, member int, post_id int
donations: id int pk, donor int, amount num, paid_at time
settings: name text pk, value text
"""


def build() -> World:
    world = World("profiles_en", SCHEMA)
    people = world.cast("en", 80)
    for number in range(1, 15):
        world.add("settings", name=f"setting{number}", value=str(number))
    for number, one in enumerate(people, 1):
        world.add(
            "members",
            [one],
            member_id=number,
            nick=f"{one.given.lower()}{number}",
            state="active",
            joined=world.moment(),
        )
        told = {"email": one.email, "phone": one.phone, "first_name": one.given, "last_name": one.family, "lang": "en"}
        for name, value in told.items():
            world.add("member_fields", [one], id=world.next("member_fields"), member_id=number, field=name, value=value)
    for one in spread(world, people, 120):
        post = world.add(
            "posts",
            [one],
            id=world.next("posts"),
            author=people.index(one) + 1,
            title="Meeting",
            body=world.text("en"),
            posted=world.moment(),
        )
        for _ in range(world.pick.randint(0, 3)):
            other = world.pick.choice(people)
            world.add(
                "replies",
                [other],
                id=world.next("replies"),
                post_id=post,
                author=people.index(other) + 1,
                body=world.text("en"),
            )
        for other in world.pick.sample(people, 2):
            world.add("bookmarks", [other], id=world.next("bookmarks"), member=people.index(other) + 1, post_id=post)
    for one in people[::2]:
        world.add(
            "donations",
            [one],
            id=world.next("donations"),
            donor=people.index(one) + 1,
            amount=20,
            paid_at=world.moment(),
        )
    return world
