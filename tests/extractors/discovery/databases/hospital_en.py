"""A hospital in the manner of OpenMRS: a person's names, addresses and attributes in rows of their own."""

from tests.extractors.discovery.databases.world import Subject, World, spread

SCHEMA = """
person: person_id int pk, gender char(1), birthdate date, dead bool, creator int, date_created time, voided bool,
  uuid uuid
person_name: person_name_id int pk, person_id int, given_name text, family_name text, creator int, date_created time
person_address: person_address_id int pk, person_id int, address1 text, city_village text, postal_code text, creator int
person_attribute_type: person_attribute_type_id int pk, name text, description text
person_attribute: person_attribute_id int pk, person_id int, value text, person_attribute_type_id int, creator int
patient: patient_id int pk, creator int, date_created time, voided bool
patient_identifier: patient_identifier_id int pk, patient_id int, identifier text, location_id int
location: location_id int pk, name text, description text
users: user_id int pk, person_id int, username text, password text, salt text
encounter: encounter_id int pk, encounter_type int, patient_id int, provider_id int, location_id int,
  encounter_datetime time, creator int
encounter_type: encounter_type_id int pk, name text
concept: concept_id int pk, short_name text, description text
obs: obs_id int pk, person_id int, concept_id int, encounter_id int, value_numeric float, value_text text, creator int
"""


def build() -> World:
    world = World("hospital_en", SCHEMA)
    people = world.cast("en", 90, prefix="+25671")
    staff, patients = people[:8], people[8:]
    _add_words(world)
    ids = {}
    for number, one in enumerate(people, 1):
        ids[one] = number
        creator = world.pick.randint(1, 8)
        made = {"creator": creator, "date_created": world.moment()}
        world.add(
            "person",
            [one],
            person_id=number,
            gender="F",
            birthdate=world.birthday(),
            dead=False,
            voided=False,
            uuid=world.uuid(),
            **made,
        )
        world.add(
            "person_name",
            [one],
            person_name_id=number + 5,
            person_id=number,
            given_name=one.given,
            family_name=one.family,
            **made,
        )
        world.add(
            "person_address",
            [one],
            person_address_id=number,
            person_id=number,
            address1=f"{number} Oak Street",
            city_village="Boston",
            postal_code=f"{10000 + number}",
            creator=creator,
        )
        for kind, value in ((2, one.email), (3, one.phone), (4, "married")):
            world.add(
                "person_attribute",
                [one],
                person_attribute_id=world.next("person_attribute"),
                person_id=number,
                value=value,
                person_attribute_type_id=kind,
                creator=creator,
            )
    for number, one in enumerate(staff, 1):
        world.add(
            "users",
            [one],
            user_id=number,
            person_id=ids[one],
            username=f"{one.given}{number}".lower(),
            password=world.hex(128),
            salt=world.hex(128),
        )
    for one in patients:
        world.add(
            "patient",
            [one],
            patient_id=ids[one],
            creator=world.pick.randint(1, 8),
            date_created=world.moment(),
            voided=False,
        )
        world.add(
            "patient_identifier",
            [one],
            patient_identifier_id=world.next("patient_identifier"),
            patient_id=ids[one],
            identifier=f"10{ids[one]:04}-7",
            location_id=world.pick.randint(1, 5),
        )
    for one in spread(world, patients, 220):
        provider = world.pick.choice(staff)
        visit = world.add(
            "encounter",
            [one],
            tolerated=staff,
            encounter_id=world.next("encounter"),
            encounter_type=world.pick.randint(1, 5),
            patient_id=ids[one],
            provider_id=ids[provider],
            location_id=world.pick.randint(1, 5),
            encounter_datetime=world.moment(),
            creator=world.pick.randint(1, 8),
        )
        for _ in range(world.pick.randint(1, 3)):
            world.add(
                "obs",
                [one],
                tolerated=staff,
                obs_id=world.next("obs"),
                person_id=ids[one],
                concept_id=world.pick.randint(1, 60),
                encounter_id=visit,
                value_numeric=world.pick.random() * 200,
                value_text=world.text("en") if world.chance(0.2) else None,
                creator=world.pick.randint(1, 8),
            )
    _tolerate(world, staff)
    return world


def _add_words(world: World) -> None:
    for number, name in enumerate(("Race", "Email Address", "Telephone Number", "Civil Status"), 1):
        world.add("person_attribute_type", person_attribute_type_id=number, name=name, description=f"The {name}")
    for number in range(1, 6):
        world.add("location", location_id=number, name=f"Ward {number}", description="A ward")
        world.add("encounter_type", encounter_type_id=number, name=f"Visit {number}")
    for number in range(1, 61):
        world.add("concept", concept_id=number, short_name=f"C{number}", description=f"Measure {number} of a patient")


def _tolerate(world: World, staff: list[Subject]) -> None:
    """Staff may be given what they entered."""
    for table in ("person", "person_name", "person_address", "person_attribute", "patient"):
        for row in world.rows[table]:
            world.tolerate(table, tuple(row[name] for name in world.keys[table]), *staff)
