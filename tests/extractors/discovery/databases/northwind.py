"""A trader in the manner of Northwind: customers with short text keys and no e-mail address, employees, shippers."""

from tests.extractors.discovery.databases.world import Subject, World, spread

SCHEMA = """
Customers: CustomerID char(5) pk, CompanyName text, ContactName text, ContactTitle text, Address text, City text,
  PostalCode text, Country text, Phone text
Employees: EmployeeID int pk, LastName text, FirstName text, Title text, BirthDate date, HireDate date, Address text,
  HomePhone text, Notes text, ReportsTo int
Shippers: ShipperID int pk, CompanyName text, Phone text
Suppliers: SupplierID int pk, CompanyName text, ContactName text, Phone text
Categories: CategoryID int pk, CategoryName text, Description text
Products: ProductID int pk, ProductName text, SupplierID int, CategoryID int, UnitPrice num
Orders: OrderID int pk, CustomerID char(5), EmployeeID int, OrderDate time, ShipVia int, Freight num, ShipName text,
  ShipAddress text, ShipCity text
OrderDetails: OrderID int pk, ProductID int pk, UnitPrice num, Quantity int
"""


def build() -> World:
    world = World("northwind", SCHEMA)
    people = world.cast("en", 80, prefix="+4930")
    staff = world.cast("en", 9, prefix="+44207")
    suppliers = world.cast("fr", 12, prefix="+331")
    for one in [*people, *staff, *suppliers]:
        one.email = None
    _add_goods(world, suppliers)
    for number, one in enumerate(staff, 1):
        world.add(
            "Employees",
            [one],
            EmployeeID=number,
            LastName=one.family,
            FirstName=one.given,
            Title="Sales",
            BirthDate=world.birthday(),
            HireDate=world.day(),
            Address="12 Oak Street",
            HomePhone=one.phone,
            Notes=world.text("en"),
            ReportsTo=2 if number != 2 else None,
        )
    keys = {}
    for number, one in enumerate(people):
        keys[one] = f"{one.family[:3].upper()}{number:02}"
        one.user_ids.append(keys[one])
        world.add(
            "Customers",
            [one],
            CustomerID=keys[one],
            CompanyName=f"{one.family} Ltd",
            ContactName=one.name,
            ContactTitle="Owner",
            Address=f"{number} Oak Street",
            City="Berlin",
            PostalCode=f"{10000 + number}",
            Country="Germany",
            Phone=one.phone,
        )
    for one in spread(world, people, 250):
        order = world.add(
            "Orders",
            [one],
            OrderID=world.next("Orders", 10248),
            CustomerID=keys[one],
            EmployeeID=world.pick.randint(1, 9),
            OrderDate=world.moment(),
            ShipVia=world.pick.randint(1, 3),
            Freight=3,
            ShipName=f"{one.family} Ltd",
            ShipAddress="12 Oak Street",
            ShipCity="Berlin",
        )
        for product in world.pick.sample(range(1, 61), world.pick.randint(1, 3)):
            world.add("OrderDetails", [one], OrderID=order, ProductID=product, UnitPrice=5, Quantity=1)
    world.people = people
    return world


def _add_goods(world: World, suppliers: list[Subject]) -> None:
    for number in range(1, 4):
        world.add("Shippers", ShipperID=number, CompanyName=f"Shipper {number}", Phone=f"+15035559{number:03}")
    for number in range(1, 9):
        world.add("Categories", CategoryID=number, CategoryName=f"Goods {number}", Description="Sweets and breads")
    for number, one in enumerate(suppliers, 1):
        world.add("Suppliers", SupplierID=number, CompanyName=f"Maison {number}", ContactName=one.name, Phone=one.phone)
    for number in range(1, 61):
        world.add(
            "Products",
            ProductID=number,
            ProductName=f"Thing {number}",
            SupplierID=world.pick.randint(1, 12),
            CategoryID=world.pick.randint(1, 8),
            UnitPrice=5,
        )
