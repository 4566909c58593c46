"""A music shop after the public schema of Chinook: customers with a support representative."""

from tests.extractors.discovery.databases.world import CITIES, STREETS, World, spread

SCHEMA = """
Artist: ArtistId int pk, Name text
Album: AlbumId int pk, Title text, ArtistId int
Track: TrackId int pk, Name text, AlbumId int, Composer text, UnitPrice num
Employee: EmployeeId int pk, LastName text, FirstName text, Title text, ReportsTo int, BirthDate time, HireDate
  time, Address text, City text, Phone text, Email text
Customer: CustomerId int pk, FirstName text, LastName text, Company text, Address text, City text, Country text,
  PostalCode text, Phone text, Email text, SupportRepId int
Invoice: InvoiceId int pk, CustomerId int, InvoiceDate time, BillingAddress text, BillingCity text, Total num
InvoiceLine: InvoiceLineId int pk, InvoiceId int, TrackId int, UnitPrice num, Quantity int
Playlist: PlaylistId int pk, Name text
PlaylistTrack: PlaylistId int pk, TrackId int pk
"""


def build() -> World:  # noqa: C901  # a story told in order
    world = World("chinook", SCHEMA)
    pick = world.pick
    staff, customers = world.cast("en", 8, "chinook.example", "+1212555"), world.cast("en", 60)
    for number in range(1, 31):
        world.add("Artist", ArtistId=number, Name=pick.choice(customers).name)
        world.add("Album", AlbumId=number, Title=f"Album {number}", ArtistId=number)
    for number in range(1, 121):
        world.add(
            "Track",
            TrackId=number,
            Name=f"Song {number}",
            AlbumId=1 + number % 30,
            Composer=pick.choice(customers).name,
            UnitPrice=1,
        )
    for number in range(1, 6):
        world.add("Playlist", PlaylistId=number, Name=f"List {number}")
        for track in pick.sample(range(1, 121), 20):
            world.add("PlaylistTrack", PlaylistId=number, TrackId=track)
    for number, one in enumerate(staff, 1):
        world.add(
            "Employee",
            [one],
            EmployeeId=number,
            LastName=one.family,
            FirstName=one.given,
            Title="Agent",
            ReportsTo=None if number == 1 else 1,
            BirthDate=world.moment(),
            HireDate=world.moment(),
            Address=pick.choice(STREETS),
            City=pick.choice(CITIES),
            Phone=one.phone,
            Email=one.email,
        )
    for number, one in enumerate(customers, 1):
        one.user_ids.append(number)
        agent = pick.choice(staff[2:5])
        world.add(
            "Customer",
            [one],
            CustomerId=number,
            FirstName=one.given,
            LastName=one.family,
            Company=None,
            Address=pick.choice(STREETS),
            City=pick.choice(CITIES),
            Country="Spain",
            PostalCode="28001",
            Phone=one.phone,
            Email=one.email,
            SupportRepId=staff.index(agent) + 1,
        )
    for one in spread(world, customers, 150):
        invoice = world.add(
            "Invoice",
            [one],
            InvoiceId=world.next("Invoice"),
            CustomerId=one.user_ids[0],
            InvoiceDate=world.moment(),
            BillingAddress=pick.choice(STREETS),
            BillingCity="Lyon",
            Total=5,
        )
        for _ in range(pick.randint(1, 5)):
            world.add(
                "InvoiceLine",
                [one],
                InvoiceLineId=world.next("InvoiceLine"),
                InvoiceId=invoice,
                TrackId=pick.randint(1, 120),
                UnitPrice=1,
                Quantity=1,
            )
    return world
