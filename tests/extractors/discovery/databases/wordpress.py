"""A blog after the public schema of WordPress: values kept as pairs, comments of guests whose user is 0."""

from tests.extractors.discovery.databases.world import Subject, World, spread

SCHEMA = """
wp_users: ID big pk, user_login text, user_pass text, user_nicename text, user_email text, user_registered time,
  user_activation_key text, display_name text
wp_usermeta: umeta_id big pk, user_id big notnull, meta_key text, meta_value text
wp_posts: ID big pk, post_author big notnull, post_date time, post_content text, post_title text, post_status text,
  post_parent big notnull, post_type text
wp_postmeta: meta_id big pk, post_id big notnull, meta_key text, meta_value text
wp_comments: comment_ID big pk, comment_post_ID big notnull, comment_author text, comment_author_email text,
  comment_author_IP text, comment_date time, comment_content text, comment_parent big notnull, user_id big notnull
wp_commentmeta: meta_id big pk, comment_id big notnull, meta_key text, meta_value text
wp_terms: term_id big pk, name text, slug text
wp_term_relationships: object_id big pk, term_taxonomy_id big pk, term_order int
wp_options: option_id big pk, option_name text, option_value text, autoload text
"""


def build() -> World:
    world = World("wordpress", SCHEMA)
    pick = world.pick
    people = world.cast("en", 60)
    guests = [Subject("Guest", f"G{number}", f"guest{number}@example.test", None) for number in range(25)]
    world.people += guests
    ids = {one: number for number, one in enumerate(people, 1)}
    for number in range(1, 10):
        world.add("wp_terms", term_id=number, name=f"Topic {number}", slug=f"topic-{number}")
        world.add("wp_options", option_id=number, option_name=f"option_{number}", option_value="1", autoload="yes")
    for one, number in ids.items():
        one.user_ids.append(number)
        world.add(
            "wp_users",
            [one],
            ID=number,
            user_login=f"{one.given.lower()}{number}",
            user_pass="$P$B" + world.hex(30),
            user_nicename=f"{one.given.lower()}{number}",
            user_email=one.email,
            user_registered=world.moment(),
            user_activation_key="",
            display_name=one.name,
        )
        for key, value in (
            ("first_name", one.given),
            ("last_name", one.family),
            ("wp_capabilities", 'a:1:{s:10:"subscriber";b:1;}'),
            ("session_tokens", world.hex(64)),
        ):
            world.add(
                "wp_usermeta", [one], umeta_id=world.next("wp_usermeta"), user_id=number, meta_key=key, meta_value=value
            )
    authors = people[:12]
    for one in spread(world, authors, 90):
        post = world.next("wp_posts")
        world.add(
            "wp_posts",
            [one],
            ID=post,
            post_author=ids[one],
            post_date=world.moment(),
            post_content=world.text("en"),
            post_title=f"Title {post}",
            post_status="publish",
            post_parent=pick.randint(1, post - 1) if post > 1 and world.chance(0.3) else 0,
            post_type="post",
        )
        for key in ("_edit_lock", "_thumbnail_id"):
            world.add(
                "wp_postmeta",
                [one],
                meta_id=world.next("wp_postmeta"),
                post_id=post,
                meta_key=key,
                meta_value=str(post),
            )
        world.add("wp_term_relationships", [one], object_id=post, term_taxonomy_id=pick.randint(1, 9), term_order=0)
    for one in spread(world, [*people, *guests], 220):
        number = world.next("wp_comments")
        world.add(
            "wp_comments",
            [one],
            comment_ID=number,
            comment_post_ID=pick.randint(1, 90),
            comment_author=one.name,
            comment_author_email=one.email,
            comment_author_IP=world.ip(),
            comment_date=world.moment(),
            comment_content=world.text("en"),
            comment_parent=pick.randint(1, number - 1) if number > 1 and world.chance(0.4) else 0,
            user_id=ids.get(one, 0),
        )
        world.add(
            "wp_commentmeta",
            [one],
            meta_id=world.next("wp_commentmeta"),
            comment_id=number,
            meta_key="rating",
            meta_value="5",
        )
    return world
