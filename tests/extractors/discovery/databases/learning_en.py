"""A school's site in the manner of Moodle: courses that are called full names, and are everybody's."""

from tests.extractors.discovery.databases.world import World, spread

SCHEMA = """
ls_user: id int pk, username text, password text, email text, firstname text, lastname text, lastip text
ls_course: id int pk, fullname text, shortname text, summary text, timecreated int
ls_enrol: id int pk, courseid int, enrol text
ls_user_enrolments: id int pk, enrolid int, userid int, timestart int
ls_grade_items: id int pk, courseid int, itemname text, grademax num
ls_grade_grades: id int pk, itemid int, userid int, finalgrade num, feedback text
ls_log: id int pk, eventname text, userid int, courseid int, ip text, timecreated int
"""


def build() -> World:
    world = World("learning_en", SCHEMA)
    people = world.cast("en", 90)
    for number, one in enumerate(people, 2):
        world.add(
            "ls_user",
            [one],
            id=number,
            username=f"{one.given}{number}".lower(),
            password=world.bcrypt(),
            email=one.email,
            firstname=one.given,
            lastname=one.family,
            lastip=world.ip(),
        )
    words = ("delivery", "invoice", "device", "refund", "callback")
    for number in range(1, 21):
        world.add(
            "ls_course",
            id=number,
            fullname=f"Course {world.pick.choice(words)}",
            shortname=f"C{number}",
            summary=world.text("en"),
            timecreated=1600000000 + number,
        )
        world.add("ls_enrol", id=number, courseid=number, enrol="manual")
        world.add("ls_grade_items", id=number, courseid=number, itemname=f"Quiz {number}", grademax=100)
    for one in spread(world, people, 200):
        user, some = people.index(one) + 2, world.pick.randint(1, 20)
        world.add(
            "ls_user_enrolments",
            [one],
            id=world.next("ls_user_enrolments"),
            enrolid=some,
            userid=user,
            timestart=1600000000 + world.pick.randrange(10**8),
        )
        world.add(
            "ls_grade_grades",
            [one],
            id=world.next("ls_grade_grades"),
            itemid=some,
            userid=user,
            finalgrade=world.pick.randint(1, 100),
            feedback=world.text("en") if world.chance(0.3) else None,
        )
        for _ in range(2):
            world.add(
                "ls_log",
                [one],
                id=world.next("ls_log"),
                eventname="course_viewed",
                userid=user,
                courseid=some,
                ip=world.ip(),
                timecreated=1600000000 + world.pick.randrange(10**8),
            )
    return world
