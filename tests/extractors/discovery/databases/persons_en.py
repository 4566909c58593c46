"""An American bicycle maker in the manner of AdventureWorks: one number for all, addresses apart."""

from tests.extractors.discovery.databases.world import World, spread

SCHEMA = """
BusinessEntity: BusinessEntityID int pk, ModifiedDate time
Person: BusinessEntityID int pk, PersonType char(2), FirstName text, LastName text, ModifiedDate time
EmailAddress: BusinessEntityID int pk, EmailAddressID int pk, EmailAddress text
PersonPhone: BusinessEntityID int pk, PhoneNumber text pk, PhoneNumberTypeID int
PhoneNumberType: PhoneNumberTypeID int pk, Name text
Password: BusinessEntityID int pk, PasswordHash text, PasswordSalt text
Address: AddressID int pk, AddressLine1 text, City text, PostalCode text
BusinessEntityAddress: BusinessEntityID int pk, AddressID int pk, AddressTypeID int
Customer: CustomerID int pk, PersonID int, TerritoryID int, AccountNumber text
SalesTerritory: TerritoryID int pk, Name text
SalesOrderHeader: SalesOrderID int pk, OrderDate time, CustomerID int, SalesPersonID int, BillToAddressID int,
  ShipToAddressID int, TotalDue num, Comment text
SalesOrderDetail: SalesOrderID int pk, SalesOrderDetailID int pk, ProductID int, OrderQty int
Product: ProductID int pk, Name text, ProductNumber text, ListPrice num
ProductReview: ProductReviewID int pk, ProductID int, ReviewerName text, EmailAddress text, Rating int, Comments text
Vendor: BusinessEntityID int pk, AccountNumber text, Name text
"""


def build() -> World:
    world = World("persons_en", SCHEMA)
    people = world.cast("en", 90, prefix="+1212555")
    _add_goods(world)
    ids = {}
    addresses = {}
    for number, one in enumerate(people, 21):
        ids[one] = number
        world.add("BusinessEntity", [one], BusinessEntityID=number, ModifiedDate=world.moment())
        kind = "EM" if number < 31 else "IN"
        world.add(
            "Person",
            [one],
            BusinessEntityID=number,
            PersonType=kind,
            FirstName=one.given,
            LastName=one.family,
            ModifiedDate=world.moment(),
        )
        world.add("EmailAddress", [one], BusinessEntityID=number, EmailAddressID=number - 20, EmailAddress=one.email)
        world.add("PersonPhone", [one], BusinessEntityID=number, PhoneNumber=one.phone, PhoneNumberTypeID=1)
        world.add("Password", [one], BusinessEntityID=number, PasswordHash=world.hex(64), PasswordSalt=world.hex(8))
        address = world.next("Address", 500)
        addresses[one] = world.add(
            "Address",
            [one],
            AddressID=address,
            AddressLine1=f"{world.pick.randint(1, 999)} {one.family} Street",
            City="Boston",
            PostalCode=f"{world.pick.randint(10000, 99999)}",
        )
        world.add("BusinessEntityAddress", [one], BusinessEntityID=number, AddressID=address, AddressTypeID=1)
    buyers = people[10:]
    customers = {}
    for one in buyers:
        customers[one] = world.add(
            "Customer",
            [one],
            CustomerID=world.next("Customer", 11000),
            PersonID=ids[one],
            TerritoryID=world.pick.randint(1, 3),
            AccountNumber=f"AW{world.next('Customer'):08}",
        )
    for one in spread(world, buyers, 200):
        seller = world.pick.choice(people[:10])
        order = world.add(
            "SalesOrderHeader",
            [one],
            tolerated=[seller],
            SalesOrderID=world.next("SalesOrderHeader", 43000),
            OrderDate=world.moment(),
            CustomerID=customers[one],
            SalesPersonID=ids[seller],
            BillToAddressID=addresses[one],
            ShipToAddressID=addresses[one],
            TotalDue=9,
            Comment=world.text("en") if world.chance(0.2) else None,
        )
        for line in range(world.pick.randint(1, 3)):
            world.add(
                "SalesOrderDetail",
                [one],
                SalesOrderID=order,
                SalesOrderDetailID=line + 1,
                ProductID=world.pick.randint(1, 50),
                OrderQty=1,
            )
    for one in buyers[:20]:
        world.add(
            "ProductReview",
            [one],
            ProductReviewID=world.next("ProductReview"),
            ProductID=world.pick.randint(1, 50),
            ReviewerName=one.name,
            EmailAddress=one.email,
            Rating=4,
            Comments=world.text("en"),
        )
    return world


def _add_goods(world: World) -> None:
    for number in (1, 2, 3):
        world.add("PhoneNumberType", PhoneNumberTypeID=number, Name=("Cell", "Home", "Work")[number - 1])
        world.add("SalesTerritory", TerritoryID=number, Name=("North", "South", "East")[number - 1])
    for number in range(1, 51):
        world.add("Product", ProductID=number, Name=f"Bike {number}", ProductNumber=f"BK-{number:04}", ListPrice=9)
    for number in range(1, 21):
        world.add("BusinessEntity", BusinessEntityID=number, ModifiedDate=world.moment())
        world.add("Vendor", BusinessEntityID=number, AccountNumber=f"V{number:04}", Name=f"Vendor {number} Inc")
