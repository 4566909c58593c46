"""A marketplace: everybody buys and sells, support answers as users too, names and addresses stand in tables apart."""

from tests.extractors.discovery.databases.world import CITIES, STREETS, World, spread

SCHEMA = """
accounts: id int pk, email text unique, password_digest text, is_agent bool, created_at time, deactivated_at time
profiles: id int pk, account_id int unique, first_name text, last_name text, phone text, date_of_birth date
addresses: id int pk, account_id int, line1 text, city text, postcode text, country char(2)
categories: id int pk, name text, parent_id int
listings: id int pk, seller_id int, category_id int, title text, description text, price num, created_at time
listing_photos: id int pk, listing_id int, url text, position int
orders: id int pk, buyer_id int, shipping_address_id int, status text, total num, placed_at time
order_items: id int pk, order_id int, listing_id int, quantity int, unit_price num
payments: id int pk, order_id int, card_last4 text, amount num, paid_at time
reviews: id int pk, order_item_id int, reviewer_id int, rating int, body text, created_at time
favourites: account_id int pk, listing_id int pk, created_at time
conversations: id int pk, listing_id int, created_at time
conversation_members: conversation_id int pk, account_id int pk, joined_at time
conversation_messages: id int pk, conversation_id int, sender_id int, body text, sent_at time
tickets: id int pk, requester_id int, assignee_id int, subject text, opened_at time
ticket_replies: id int pk, ticket_id int, author_id int, body text, created_at time
newsletter_signups: id int pk, email text, signed_up_at time, ip_address text
audit_events: id int pk, actor_id int, action text, subject_type text, subject_id int, ip text, happened_at time
"""


def build() -> World:  # noqa: C901  # a story told in order
    world = World("marketplace_en", SCHEMA)
    pick = world.pick
    people = world.cast("en", 70)
    agents = people[60:]
    customers = people[:60]
    ids = {one: 100 + number for number, one in enumerate(people)}
    address = {}
    for number in range(1, 10):
        world.add("categories", id=number, name=f"Category {number}", parent_id=None if number < 4 else 1 + number % 3)
    for number, one in enumerate(pick.sample(people, len(people)), 1):
        one.user_ids.append(ids[one])
        world.add(
            "accounts",
            [one],
            id=ids[one],
            email=one.email,
            password_digest=world.bcrypt(),
            is_agent=one in agents,
            created_at=world.moment(),
            deactivated_at=None,
        )
        world.add(
            "profiles",
            [one],
            id=number,
            account_id=ids[one],
            first_name=one.given,
            last_name=one.family,
            phone=one.phone,
            date_of_birth=world.birthday(),
        )
        address[one] = world.add(
            "addresses",
            [one],
            id=number,
            account_id=ids[one],
            line1=pick.choice(STREETS),
            city=pick.choice(CITIES),
            postcode="10115",
            country="GB",
        )
        if world.chance(0.3):
            world.add(
                "newsletter_signups",
                [one],
                id=world.next("newsletter_signups"),
                email=one.email,
                signed_up_at=world.moment(),
                ip_address=world.ip(),
            )
    sellers = {}
    for one in spread(world, customers, 120):
        listing = world.next("listings")
        sellers[listing] = one
        world.add(
            "listings",
            [one],
            id=listing,
            seller_id=ids[one],
            category_id=pick.randint(1, 9),
            title=f"Thing {listing}",
            description=world.text("en"),
            price=9,
            created_at=world.moment(),
        )
        for position in range(pick.randint(0, 3)):
            world.add(
                "listing_photos",
                [one],
                id=world.next("listing_photos"),
                listing_id=listing,
                url=f"https://img.example/{listing}/{position}.jpg",
                position=position,
            )
    for one in spread(world, customers, 150):
        order = world.add(
            "orders",
            [one],
            id=world.next("orders"),
            buyer_id=ids[one],
            shipping_address_id=address[one],
            status="paid",
            total=20,
            placed_at=world.moment(),
        )
        world.add(
            "payments",
            [one],
            id=world.next("payments", 1000),
            order_id=order,
            card_last4="4242",
            amount=20,
            paid_at=world.moment(),
        )
        for listing in pick.sample(list(sellers), pick.randint(1, 3)):
            item = world.add(
                "order_items",
                [one],
                id=world.next("order_items"),
                order_id=order,
                listing_id=listing,
                quantity=1,
                unit_price=9,
                tolerated=[sellers[listing]],
            )
            if world.chance(0.4):
                world.add(
                    "reviews",
                    [one],
                    id=world.next("reviews"),
                    order_item_id=item,
                    reviewer_id=ids[one],
                    rating=pick.randint(1, 5),
                    body=world.text("en"),
                    created_at=world.moment(),
                )
    for one in customers:
        for listing in pick.sample(list(sellers), 3):
            world.add(
                "favourites", [one], account_id=ids[one], listing_id=listing, created_at=world.moment(), tolerated=[]
            )
    for _ in range(60):
        listing = pick.choice(list(sellers))
        asker = pick.choice([one for one in customers if one is not sellers[listing]])
        both = [asker, sellers[listing]]
        talk = world.add(
            "conversations", both, id=world.next("conversations"), listing_id=listing, created_at=world.moment()
        )
        for one in both:
            world.add(
                "conversation_members", [one], conversation_id=talk, account_id=ids[one], joined_at=world.moment()
            )
        for _ in range(pick.randint(1, 5)):
            one = pick.choice(both)
            world.add(
                "conversation_messages",
                [one],
                id=world.next("conversation_messages"),
                conversation_id=talk,
                sender_id=ids[one],
                body=world.text("en"),
                sent_at=world.moment(),
                tolerated=both,
            )
    for one in spread(world, customers, 80):
        agent = pick.choice(agents)
        ticket = world.add(
            "tickets",
            [one, agent],
            id=world.next("tickets"),
            requester_id=ids[one],
            assignee_id=ids[agent],
            subject="Help",
            opened_at=world.moment(),
        )
        for number in range(pick.randint(1, 4)):
            author = agent if number % 2 else one
            world.add(
                "ticket_replies",
                [author],
                id=world.next("ticket_replies"),
                ticket_id=ticket,
                author_id=ids[author],
                body=world.text("en"),
                created_at=world.moment(),
                tolerated=[one, agent],
            )
    for one in spread(world, people, 200):
        kind, count = pick.choice((("Listing", 120), ("Order", 150)))
        world.add(
            "audit_events",
            [one],
            id=world.next("audit_events"),
            actor_id=ids[one],
            action="view",
            subject_type=kind,
            subject_id=pick.randint(1, count),
            ip=world.ip(),
            happened_at=world.moment(),
        )
    return world
