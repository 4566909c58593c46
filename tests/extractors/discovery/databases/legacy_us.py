"""An American wholesaler with names nobody understands, and keys of several columns."""

from tests.extractors.discovery.databases.world import CITIES, STREETS, World, spread

SCHEMA = """
T_ITM: ITM_ID int pk, ITM_DS text, ITM_PRC num
T_CUST: C_ID int pk, C_LNM text, C_FNM text, C_EML text, C_PH1 text, C_DOB date, C_SSN text, C_CRT time
T_ADDR: A_ID int pk, A_CID int, A_TYP char(1), A_L1 text, A_CTY text, A_ST char(2), A_ZIP char(10)
T_EMP: E_ID int pk, E_NM text, E_EML text, E_PWD text, E_MGR int
T_ORDHDR: OH_CO int pk, OH_NO int pk, OH_CID int, OH_DT date, OH_AMT num
T_ORDDTL: OD_CO int pk, OD_NO int pk, OD_LN int pk, OD_ITM int, OD_QTY int
T_CALL: CL_ID int pk, CL_CID int, CL_EID int, CL_TS time, CL_NOTE text
T_CRD: CR_ID int pk, CR_CID int, CR_NUM text, CR_EXP char(5)
"""


def build() -> World:  # noqa: C901  # a story told in order
    world = World("legacy_us", SCHEMA)
    pick = world.pick
    for number in range(1, 41):
        world.add("T_ITM", ITM_ID=number, ITM_DS=f"BOLT {number} MM", ITM_PRC=number)
    staff = world.cast("en", 10, "corp.example", "+1212555")
    for number, one in enumerate(staff, 1):
        world.add(
            "T_EMP",
            [one],
            E_ID=number,
            E_NM=one.name,
            E_EML=one.email,
            E_PWD=world.hex(64),
            E_MGR=None if number == 1 else pick.randint(1, 3),
        )
    people = world.cast("en", 80, prefix="+1415555")
    number_of = {one: number for number, one in enumerate(people, 1)}
    for one, number in number_of.items():
        one.user_ids.append(number)
        world.add(
            "T_CUST",
            [one],
            C_ID=number,
            C_LNM=one.family,
            C_FNM=one.given,
            C_EML=one.email,
            C_PH1=one.phone,
            C_DOB=world.birthday(),
            C_SSN=f"{pick.randint(100, 600)}-{pick.randint(10, 99)}-{pick.randint(1000, 9999)}",
            C_CRT=world.moment(),
        )
        for kind in "BS"[: pick.randint(1, 2)]:
            world.add(
                "T_ADDR",
                [one],
                A_ID=world.next("T_ADDR"),
                A_CID=number,
                A_TYP=kind,
                A_L1=pick.choice(STREETS),
                A_CTY=pick.choice(CITIES),
                A_ST="NY",
                A_ZIP="10001",
            )
        if world.chance(0.4):
            world.add(
                "T_CRD", [one], CR_ID=world.next("T_CRD"), CR_CID=number, CR_NUM="4111111111111111", CR_EXP="12/29"
            )
    for number, one in enumerate(spread(world, people, 200), 1):
        company = 1 + number % 2
        world.add(
            "T_ORDHDR",
            [one],
            OH_CO=company,
            OH_NO=5000 + number // 2,
            OH_CID=number_of[one],
            OH_DT=world.day(),
            OH_AMT=12,
        )
        for line in range(1, 1 + pick.randint(1, 3)):
            world.add(
                "T_ORDDTL",
                [one],
                OD_CO=company,
                OD_NO=5000 + number // 2,
                OD_LN=line,
                OD_ITM=pick.randint(1, 40),
                OD_QTY=line,
            )
    for one in spread(world, people, 120):
        agent = pick.choice(staff)
        world.add(
            "T_CALL",
            [one, agent],
            CL_ID=world.next("T_CALL"),
            CL_CID=number_of[one],
            CL_EID=staff.index(agent) + 1,
            CL_TS=world.moment(),
            CL_NOTE=world.text("en"),
        )
    return world
