"""A company whose customers and employees are both persons, with addresses in tables of their own."""

from tests.extractors.discovery.databases.world import World, spread

SCHEMA = """
person: id int pk, first_name text, last_name text, birth_date date
email_address: id int pk, person_id int, address text, kind text
phone_number: id int pk, person_id int, number text
customer: person_id int pk, loyalty_no text, since date
employee: person_id int pk, salary num, manager_id int
sale: id int pk, customer_id int, employee_id int, total num, sold_at time
sale_line: id int pk, sale_id int, sku text, quantity int
shift: id int pk, employee_id int, day date
"""


def build() -> World:
    world = World("inherited_en", SCHEMA)
    customers, staff = world.cast("en", 50), world.cast("en", 12, "work.example")
    for n, one in enumerate([*customers, *staff], 1):
        one.user_ids.append(n)
        world.add("person", [one], id=n, first_name=one.given, last_name=one.family, birth_date=world.birthday())
        world.add("email_address", [one], id=world.next("email_address"), person_id=n, address=one.email, kind="main")
        world.add("phone_number", [one], id=world.next("phone_number", 50), person_id=n, number=one.phone)
        if one in customers:
            world.add("customer", [one], person_id=n, loyalty_no=f"L{n:05}", since=world.day())
        else:
            world.add("employee", [one], person_id=n, salary=1000, manager_id=51)
            for _ in range(5):
                world.add("shift", [one], id=world.next("shift"), employee_id=n, day=world.day())
    for one in spread(world, customers, 150):
        clerk = world.pick.choice(staff)
        sale = world.add(
            "sale",
            [one, clerk],
            id=world.next("sale"),
            customer_id=one.user_ids[0],
            employee_id=clerk.user_ids[0],
            total=4,
            sold_at=world.moment(),
        )
        world.add(
            "sale_line", [one], id=world.next("sale_line", 70), sale_id=sale, sku="x", quantity=1, tolerated=[clerk]
        )
    return world
