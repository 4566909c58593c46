"""A company's staff after the public schema of MySQL's employees: no e-mail address, only numbers."""

from tests.extractors.discovery.databases.world import World

SCHEMA = """
departments: dept_no char(4) pk, dept_name text
employees: emp_no int pk, birth_date date, first_name text, last_name text, gender char(1), hire_date date
dept_emp: emp_no int pk, dept_no char(4) pk, from_date date, to_date date
dept_manager: emp_no int pk, dept_no char(4) pk, from_date date, to_date date
salaries: emp_no int pk, salary int, from_date date pk, to_date date
titles: emp_no int pk, title text pk, from_date date pk, to_date date
"""


def build() -> World:
    world = World("employees", SCHEMA)
    for number in range(1, 7):
        world.add("departments", dept_no=f"d{number:03}", dept_name=f"Department {number}")
    for number, one in enumerate(world.cast("en", 90), 10001):
        one.email, one.user_ids = None, [number]
        world.add(
            "employees",
            [one],
            emp_no=number,
            birth_date=world.birthday(),
            first_name=one.given,
            last_name=one.family,
            gender="F",
            hire_date=world.day(),
        )
        world.add(
            "dept_emp",
            [one],
            emp_no=number,
            dept_no=f"d{1 + number % 6:03}",
            from_date=world.day(),
            to_date=world.day(),
        )
        if number < 10008:
            world.add(
                "dept_manager",
                [one],
                emp_no=number,
                dept_no=f"d{1 + number % 6:03}",
                from_date=world.day(),
                to_date=world.day(),
            )
        world.add("titles", [one], emp_no=number, title="Engineer", from_date=world.day(), to_date=world.day())
        for year in range(4):
            world.add(
                "salaries",
                [one],
                emp_no=number,
                salary=40_000 + year,
                from_date=world.day(2000 + 9 * year),
                to_date=world.day(),
            )
    return world
