"""A film rental after the public schema of Sakila: one address table for customers, staff and stores."""

from tests.extractors.discovery.databases.world import CITIES, STREETS, World, spread

SCHEMA = """
country: country_id int pk, country text
city: city_id int pk, city text, country_id int
address: address_id int pk, address text, district text, city_id int, postal_code text, phone text
store: store_id int pk, manager_staff_id int, address_id int, last_update time
staff: staff_id int pk, first_name text, last_name text, address_id int, email text, store_id int, active bool,
  username text, password text, last_update time
customer: customer_id int pk, store_id int, first_name text, last_name text, email text, address_id int, active
  bool, create_date time, last_update time
actor: actor_id int pk, first_name text, last_name text, last_update time
film: film_id int pk, title text, description text, rental_rate num, last_update time
film_actor: actor_id int pk, film_id int pk, last_update time
inventory: inventory_id int pk, film_id int, store_id int, last_update time
rental: rental_id int pk, rental_date time, inventory_id int, customer_id int, return_date time, staff_id int,
  last_update time
payment: payment_id int pk, customer_id int, staff_id int, rental_id int, amount num, payment_date time, last_update
  time
"""


def build() -> World:  # noqa: C901  # a story told in order
    world = World("sakila", SCHEMA)
    pick = world.pick
    now = world.moment()
    for number, name in enumerate(("Germany", "France", "Spain"), 1):
        world.add("country", country_id=number, country=name)
    for number, name in enumerate(CITIES, 1):
        world.add("city", city_id=number, city=name, country_id=1 + number % 3)
    customers, staff = world.cast("en", 90), world.cast("en", 6, "sakila.example", "+1212555")
    for number, one in enumerate([*staff, *customers, None, None], 1):
        world.add(
            "address",
            [one],
            address_id=number,
            address=pick.choice(STREETS),
            district="Centre",
            city_id=pick.randint(1, 10),
            postal_code=f"{number:05}",
            phone=one.phone if one else "+442071234567",
        )
    for number in (1, 2):
        world.add(
            "store",
            store_id=number,
            manager_staff_id=number,
            address_id=96 + number,
            last_update=now,
            tolerated=world.people,
        )
    for number, one in enumerate(staff, 1):
        world.add(
            "staff",
            [one],
            staff_id=number,
            first_name=one.given,
            last_name=one.family,
            address_id=number,
            email=one.email,
            store_id=1 + number % 2,
            active=True,
            username=one.given.lower(),
            password=world.hex(40),
            last_update=now,
        )
    for number, one in enumerate(customers, 1):
        one.user_ids.append(number)
        world.add(
            "customer",
            [one],
            customer_id=number,
            store_id=1 + number % 2,
            first_name=one.given.upper(),
            last_name=one.family.upper(),
            email=one.email,
            address_id=6 + number,
            active=number % 9 > 0,
            create_date=world.moment(),
            last_update=now,
        )
    for number in range(1, 41):
        world.add(
            "actor",
            actor_id=number,
            first_name=pick.choice(customers).given.upper(),
            last_name=pick.choice(customers).family.upper(),
            last_update=now,
        )
        world.add(
            "film", film_id=number, title=f"FILM {number}", description=world.text("en"), rental_rate=2, last_update=now
        )
        for actor in pick.sample(range(1, 41), 3):
            world.add("film_actor", actor_id=actor, film_id=number, last_update=now)
        for store in (1, 2):
            world.add(
                "inventory", inventory_id=world.next("inventory"), film_id=number, store_id=store, last_update=now
            )
    for one in spread(world, customers, 300):
        clerk, customer = pick.randint(1, 6), customers.index(one) + 1
        rental = world.add(
            "rental",
            [one, staff[clerk - 1]],
            rental_id=world.next("rental"),
            rental_date=world.moment(),
            inventory_id=pick.randint(1, 80),
            customer_id=customer,
            return_date=world.moment(),
            staff_id=clerk,
            last_update=now,
        )
        world.add(
            "payment",
            [one, staff[clerk - 1]],
            payment_id=world.next("payment"),
            customer_id=customer,
            staff_id=clerk,
            rental_id=rental,
            amount=3,
            payment_date=world.moment(),
            last_update=now,
        )
    return world
