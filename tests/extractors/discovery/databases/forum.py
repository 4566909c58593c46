"""A forum: posts, replies to others' posts, private messages, follows, groups; everybody is a user."""

from tests.extractors.discovery.databases.world import World, spread

SCHEMA = """
users: id int pk, username text unique, email text unique, password_hash text, bio text, reputation int, created_at
  time, banned_by int
user_settings: user_id int pk, marketing_opt_in bool, theme text, api_key text
sessions: token text pk, user_id int, ip_address text, user_agent text, expires_at time
groups: id int pk, name text, slug text, created_by int
group_members: group_id int pk, user_id int pk, role text, joined_at time
posts: id int pk, user_id int, group_id int, title text, body text, created_at time, edited_by int
replies: id int pk, post_id int, user_id int, parent_id int, body text, created_at time
likes: post_id int pk, user_id int pk, created_at time
attachments: id int pk, post_id int, file_name text, size int
private_messages: id int pk, sender_id int, recipient_id int, body text, sent_at time
follows: follower_id int pk, followed_id int pk, since time
reports: id int pk, post_id int, reporter_id int, handled_by int, reason text, created_at time
invitations: id int pk, inviter_id int, invited_email text, code text, sent_at time
"""


def build() -> World:  # noqa: C901  # a story told in order
    world = World("forum", SCHEMA)
    pick = world.pick
    people = world.cast("en", 80)
    ids = {one: number for number, one in enumerate(people, 1)}
    moderators = people[3:6]
    for one, number in ids.items():
        one.user_ids.append(number)
        world.add(
            "users",
            [one],
            id=number,
            username=f"{one.given.lower()}_{number}",
            email=one.email,
            password_hash=world.bcrypt(),
            bio=world.text("en"),
            reputation=number,
            created_at=world.moment(),
            banned_by=ids[pick.choice(moderators)] if number % 20 == 0 else None,
        )
        world.add(
            "user_settings",
            [one],
            user_id=number,
            marketing_opt_in=world.chance(0.5),
            theme="dark",
            api_key=world.hex(40),
        )
        for _ in range(pick.randint(0, 3)):
            world.add(
                "sessions",
                [one],
                token=world.hex(64),
                user_id=number,
                ip_address=world.ip(),
                user_agent="Mozilla/5.0 (Macintosh)",
                expires_at=world.moment(),
            )
        for other in pick.sample(people, 3):
            if other is not one:
                world.add("follows", [one, other], follower_id=number, followed_id=ids[other], since=world.moment())
        if world.chance(0.3):
            world.add(
                "invitations",
                [one],
                id=world.next("invitations"),
                inviter_id=number,
                invited_email=pick.choice(people).email,
                code=world.hex(20),
                sent_at=world.moment(),
            )
    for number in range(1, 8):
        world.add(
            "groups", id=number, name=f"Group {number}", slug=f"group-{number}", created_by=number, tolerated=people
        )
        for one in pick.sample(people, 25):
            world.add(
                "group_members", [one], group_id=number, user_id=ids[one], role="member", joined_at=world.moment()
            )
    for one in spread(world, people, 160):
        post = world.add(
            "posts",
            [one],
            id=world.next("posts"),
            user_id=ids[one],
            group_id=pick.randint(1, 7),
            title="A question",
            body=world.text("en"),
            created_at=world.moment(),
            edited_by=ids[pick.choice(moderators)] if world.chance(0.1) else None,
        )
        for fan in pick.sample(people, pick.randint(0, 4)):
            world.add("likes", [fan], post_id=post, user_id=ids[fan], created_at=world.moment())
        if world.chance(0.4):
            world.add(
                "attachments", [one], id=world.next("attachments"), post_id=post, file_name="plan.pdf", size=post * 7
            )
        if world.chance(0.2):
            reporter = pick.choice(people)
            world.add(
                "reports",
                [reporter],
                id=world.next("reports"),
                post_id=post,
                reporter_id=ids[reporter],
                handled_by=ids[pick.choice(moderators)],
                reason=world.text("en"),
                created_at=world.moment(),
                tolerated=moderators,
            )
    for one in spread(world, people, 240):
        number = world.next("replies")
        world.add(
            "replies",
            [one],
            id=number,
            post_id=pick.randint(1, 160),
            user_id=ids[one],
            parent_id=pick.randint(1, number - 1) if number > 1 and world.chance(0.4) else None,
            body=world.text("en"),
            created_at=world.moment(),
        )
    for one in spread(world, people, 200):
        other = pick.choice([person for person in people if person is not one])
        world.add(
            "private_messages",
            [one, other],
            id=world.next("private_messages"),
            sender_id=ids[one],
            recipient_id=ids[other],
            body=world.text("en"),
            sent_at=world.moment(),
        )
    return world
