"""The commands as an operator runs them: a process, its output, its exit status."""

import json
import os
import pty
import signal
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest

from tests.servers import wait_until

MANAGE = Path(__file__).parents[3] / "manage.py"
DATA_MAP = """
version: 1
source: shop
label: Web shop
collections:
  customers:
    identifiers: {email: email, user_id: id}
    fields:
      password: {secret: true}
      referred_by: {third_party: true}
    deleted: {column: deleted_at}
  orders:
    links: [{column: customer_id, to: customers.id}]
    order_by: -id
    limit: 2
"""
TABLES = """
CREATE TABLE customers (id integer PRIMARY KEY, email text, password text, referred_by text, deleted_at text);
CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer, total numeric);
INSERT INTO customers VALUES (1, 'Ann@example.test', 'hunter2', 'Bob', NULL), (2, 'joann@example.test', 'x', '', NULL);
INSERT INTO customers VALUES (3, 'ann@example.test', 'y', NULL, '2026-01-01');
INSERT INTO orders VALUES (10, 1, 1.5), (11, 1, 2), (12, 1, 3), (13, 2, 4);
"""


@pytest.fixture
def shop(sqlite_url, tmp_path):
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as database:
        database.executescript(TABLES)
    (tmp_path / "map.yaml").write_text(DATA_MAP)
    return ["--url", sqlite_url, "--map", str(tmp_path / "map.yaml")]


def run(command, *arguments, **options):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DSR_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, MANAGE, command, *arguments],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        timeout=60,
        **options,
    )


def start(command, *arguments):
    """Start a command as a terminal does: it hears Ctrl-C even where these tests run in the background."""
    return subprocess.Popen(
        [sys.executable, MANAGE, command, *arguments],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def problem(finished):
    """The one line a failed command says."""
    assert finished.returncode == 1
    lines = [line for line in finished.stderr.splitlines() if not line.startswith(("read ", "writing "))]
    assert len(lines) == 1, finished.stderr
    return lines[0]


def test_check_says_that_a_map_fits_and_what_will_be_slow(shop):
    finished = run("dsr_check", *shop)
    assert finished.returncode == 0
    assert "collections.orders.links[0].column: slow: an index on customer_id would serve it" in finished.stdout
    assert "The data map fits: 2 collections, no fault." in finished.stdout


def test_check_speaks_to_machines(shop):
    assert json.loads(run("dsr_check", *shop, "--json").stdout)["faults"] == []


def test_five_faults_are_named_at_once_before_anything_is_read(shop, tmp_path):
    faulty = (
        DATA_MAP.replace("secret: true", "secrt: true")
        .replace("email: email", "email: e_mail")
        .replace("to: customers.id", "to: custmers.id")
        .replace("order_by: -id", "order_by: -idd")
        .replace("column: deleted_at", "column: deleted_on")
    )
    (tmp_path / "map.yaml").write_text(
        faulty.replace("      password: {secrt: true}\n", "") + "  carts:\n    limt: 3\n"
    )
    for command in ("dsr_check", "dsr_search", "dsr_export"):
        person = [] if command == "dsr_check" else ["--email", "ann@example.test"]
        out = ["--out", str(tmp_path / "out.zip")] if command == "dsr_export" else []
        said = problem(run(command, *shop, *person, *out))
        assert said.startswith("The data map has 5 faults: ")
        for fault in ("e_mail", "custmers", "no column idd", "deleted_on; did you mean deleted_at?", "mean limit?"):
            assert fault in said
    assert not (tmp_path / "out.zip").exists()


def test_search_counts_every_collection(shop):
    finished = run("dsr_search", *shop, "--email", "ANN@example.test", "--json")
    assert json.loads(finished.stdout) == {"source": "shop", "total": 5, "collections": {"customers": 2, "orders": 3}}
    assert run("dsr_search", *shop, "--user-id", "7", "--json").stdout.strip().endswith('"orders": 0}}')


def test_search_prints_a_table_for_people(shop):
    lines = run("dsr_search", *shop, "--email", "ann@example.test").stdout.splitlines()
    assert [line.split() for line in lines] == [["customers", "2"], ["orders", "3"], ["total", "5"]]


def exported(shop, out, *options):
    finished = run("dsr_export", *shop, "--email", "ann@example.test", "--out", str(out), *options)
    assert finished.returncode == 0, finished.stderr
    with zipfile.ZipFile(out) as package:
        assert package.testzip() is None
        return finished, json.loads(package.read("json/export.json")), package.namelist()


def test_export_writes_what_a_person_may_have(shop, tmp_path):
    finished, export, names = exported(shop, tmp_path / "ann.zip")
    collections = export["data_sources"]["shop"]["collections"]
    assert collections["customers"]["records"] == [{"id": 1, "email": "Ann@example.test", "deleted_at": None}]
    assert [order["id"] for order in collections["orders"]["records"]] == [12, 11]
    assert set(names) == {
        "json/export.json",
        "json/export.schema.json",
        "csv/summary.csv",
        "csv/searched.csv",
        "csv/about.csv",
        "csv/README.csv",
        "csv/customers.csv",
        "csv/orders.csv",
        "START-HERE.html",
        "manifest.json",
    }
    reasons = {(item["collection"], item["reason"]) for item in export["not_included"]}
    assert reasons == {
        ("customers", "secret, never leaves the source: password"),
        ("customers", "about other people, withheld (GDPR Art. 15(4)): referred_by"),
        ("customers", "1 deleted record left out"),
        ("orders", "only the newest 2 of 3 records"),
    }
    assert export["meta"]["complete"] is False
    assert "3 records in 2 collections" in finished.stdout
    assert "read Orders: 2 records" in finished.stderr


def test_export_gives_all_when_asked(shop, tmp_path):
    _, export, _ = exported(shop, tmp_path / "ann.zip", "--all", "--release-third-parties", "--format", "json")
    collections = export["data_sources"]["shop"]["collections"]
    assert [row["id"] for row in collections["customers"]["records"]] == [1, 3]
    assert collections["customers"]["records"][0]["referred_by"] == "Bob"
    assert collections["orders"]["count"] == 3
    assert export["meta"]["complete"] is True


def test_deleted_records_come_along_when_asked_for(shop, tmp_path):
    _, export, _ = exported(shop, tmp_path / "ann.zip", "--include-deleted")
    collections = export["data_sources"]["shop"]["collections"]
    assert (collections["customers"]["count"], collections["orders"]["count"]) == (2, 2)


def test_a_document_shows_as_many_records_as_asked_for(shop, tmp_path):
    out = tmp_path / "ann.zip"
    ran = run(
        "dsr_export", *shop, "--email", "ann@example.test", "--format", "pdf", "--out", str(out), "--pdf-rows", "1"
    )
    assert ran.returncode == 0
    with zipfile.ZipFile(out) as package:
        printed = subprocess.run(["pdftotext", "-", "-"], input=package.read("pdf/export.pdf"), capture_output=True)
    assert "first 1 of 2 records" in " ".join(printed.stdout.decode().split())
    wrong = run("dsr_export", *shop, "--email", "a@example.test", "--out", "x.zip", "--pdf-rows", "0")
    assert wrong.returncode == 2
    assert "'0' is not a number of records" in wrong.stderr


def test_the_words_about_the_data_are_in_the_language_asked_for(shop, tmp_path):
    labelled = DATA_MAP.replace("label: Web shop", "label: {en: Web shop, de: Internetladen}")
    (tmp_path / "map.yaml").write_text(labelled)
    _, export, _ = exported(shop, tmp_path / "ann.zip", "--language", "de-AT", "--format", "json")
    assert export["data_sources"]["shop"]["label"] == "Internetladen"
    wrong = run("dsr_export", *shop, "--email", "a@example.test", "--out", "x.zip", "--language", "german")
    assert wrong.returncode == 2
    assert "'german' is not a language tag" in wrong.stderr


def test_a_person_nobody_knows_gets_a_whole_empty_export(shop, tmp_path):
    finished = run("dsr_export", *shop, "--email", "no@example.test", "--out", str(tmp_path / "no.zip"), "--json")
    assert json.loads(finished.stdout)["records"] == 0
    assert zipfile.ZipFile(tmp_path / "no.zip").read("csv/orders.csv") == b"id,customer_id,total\r\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Say who is meant: --email, --phone or --user-id."),
        (["--email", "nobody"], "The email is not an e-mail address"),
        (["--phone", "0170 1234567"], "international form"),
        (["--email", "a@b.test", "--format", "docx"], "There is no format 'docx'; there are csv, html, json"),
        (["--nonsense"], "unrecognized arguments"),
    ],
)
def test_wrong_usage_is_told_from_a_problem(shop, tmp_path, arguments, said):
    finished = run("dsr_export", *shop, "--out", str(tmp_path / "x.zip"), *arguments)
    assert finished.returncode == 2
    assert said in finished.stderr
    assert not (tmp_path / "x.zip").exists()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:////no/such/file.db", "has no database file there"),
        ("oracle://x/y", "Such URLs need the Python package oracledb, which is not installed"),
        ("not a url", "cannot be read; it looks like"),
        ("postgresql://u:geheim@127.0.0.1:1/x", "cannot be reached"),
    ],
)
def test_a_source_that_cannot_be_read_is_named_without_its_password(shop, url, said):
    finished = run("dsr_search", "--url", url, *shop[2:], "--email", "ann@example.test")
    assert said in problem(finished)
    assert "geheim" not in finished.stderr


def test_the_url_may_come_from_a_file(shop, tmp_path):
    (tmp_path / "url").write_text(shop[1] + "\n")
    assert run("dsr_search", "--url", f"@{tmp_path / 'url'}", *shop[2:], "--user-id", "2").returncode == 0
    missing = run("dsr_search", "--url", f"@{tmp_path / 'none'}", *shop[2:], "--user-id", "2")
    assert "cannot be read: No such file" in problem(missing)


def test_a_map_that_is_not_there_is_named(shop):
    assert "nowhere.yaml cannot be read" in problem(run("dsr_check", *shop[:2], "--map", "nowhere.yaml"))


def test_a_wrong_password_is_one_line(private_postgres_server, shop):
    private_postgres_server.add_password_user("clerk", "right")
    url = f"postgresql://clerk:wrong@/postgres?host={private_postgres_server.folder}"
    said = problem(run("dsr_search", "--url", url, *shop[2:], "--email", "ann@example.test"))
    assert said == "The source shop refused the user name or password (28P01)" or "cannot be reached" in said
    assert "wrong" not in said


SLOW = "CREATE VIEW slow AS SELECT g AS id, 'x' AS email, pg_sleep(0.001)::text AS t FROM generate_series(1, 1000000) g"
SLOW_MAP = "version: 1\nsource: slow\ncollections: {slow: {identifiers: {email: email}}}\n"


@pytest.fixture
def slow_source(private_postgres_server, tmp_path):
    """A source that would take a quarter of an hour to read."""
    private_postgres_server.execute(SLOW.replace("'x'", "'x@y.test'::text"))
    (tmp_path / "slow.yaml").write_text(SLOW_MAP)
    (tmp_path / "out").mkdir()
    out = tmp_path / "out" / "slow.zip"
    url = private_postgres_server.url()
    arguments = ["--url", url, "--map", str(tmp_path / "slow.yaml"), "--email", "x@y.test", "--out", str(out)]
    return private_postgres_server, ["dsr_export", *arguments]


def is_being_read(server):
    query = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'COPY%slow%'"
    with psycopg.connect(server.url()) as connection:
        return connection.execute(query).fetchone()[0] > 0


def end_backend(server):
    server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%slow%'")


@pytest.mark.parametrize(
    ("cut", "said"),
    [
        (lambda server: server.kill(), "The source slow lost the connection while it was read"),
        (end_backend, "The source slow was shut down or ended the connection (57P01)"),
    ],
    ids=["server killed", "backend ended"],
)
def test_a_source_that_goes_away_in_mid_stream_is_named_and_no_file_is_left(slow_source, tmp_path, cut, said):
    server, arguments = slow_source
    process = start(*arguments)
    wait_until(lambda: is_being_read(server))
    cut(server)
    _, stderr = process.communicate(timeout=20)
    assert (process.returncode, stderr.strip().splitlines()[-1]) == (1, said)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("pressed", [signal.SIGINT, signal.SIGTERM])
def test_an_export_can_be_stopped_and_leaves_nothing(slow_source, tmp_path, pressed):
    server, arguments = slow_source
    process = start(*arguments)
    wait_until(lambda: is_being_read(server))

    def has_ended():
        """Loading a library swallows Ctrl-C for a moment: press again, as anyone would."""
        process.send_signal(pressed)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        return process.poll() is not None

    wait_until(has_ended)
    _, stderr = process.communicate(timeout=20)
    assert (process.returncode, stderr.strip().splitlines()[-1]) == (130, "Stopped; nothing was left behind.")
    wait_until(lambda: not is_being_read(server))
    assert list((tmp_path / "out").iterdir()) == []


def test_a_killed_export_leaves_nothing(slow_source, tmp_path):
    server, arguments = slow_source
    process = start(*arguments)
    wait_until(lambda: is_being_read(server))
    process.kill()
    process.communicate(timeout=20)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_full_disk_is_one_line_and_no_file(shop, tmp_path):
    """A limit on the size of files stands for the disk: the write fails with the same kind of error."""
    with closing(sqlite3.connect(shop[1].removeprefix("sqlite:///"))) as database:
        database.execute("CREATE TABLE big AS SELECT 1 AS customer_id, hex(randomblob(4000)) AS t FROM orders")
        database.executescript("INSERT INTO big SELECT * FROM big;" * 10)
    (tmp_path / "map.yaml").write_text(DATA_MAP + "  big:\n    links: [{column: customer_id, to: customers.id}]\n")
    (tmp_path / "out").mkdir()
    program = (
        "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000));"
        "sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    arguments = ["dsr_export", *shop, "--email", "ann@example.test", "--out", str(tmp_path / "out" / "x.zip")]
    finished = subprocess.run(
        [sys.executable, "-B", "-c", program, MANAGE, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "cannot be written: File too large" in problem(finished)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_that_is_missing_is_named_before_the_source_is_read(shop, tmp_path):
    out = tmp_path / "missing" / "x.zip"
    finished = run("dsr_export", *shop, "--email", "ann@example.test", "--out", str(out))
    assert problem(finished) == f"{out} cannot be written: No such file or directory"
    assert "read " not in finished.stderr


def test_only_the_owner_can_read_an_export(shop, tmp_path):
    exported(shop, tmp_path / "ann.zip")
    assert (tmp_path / "ann.zip").stat().st_mode & 0o777 == 0o600


def test_an_export_takes_the_place_of_an_older_one(shop, tmp_path):
    (tmp_path / "ann.zip").write_text("old")
    exported(shop, tmp_path / "ann.zip")


def written(terminal):
    """Read a terminal until nobody writes to it any more; it holds a few thousand bytes, then its writer waits."""
    with suppress(OSError):  # which is how its end is told
        while part := os.read(terminal, 65536):
            yield part


def test_a_terminal_sees_a_bar(shop, tmp_path):
    ours, theirs = pty.openpty()
    arguments = [*shop, "--email", "ann@example.test", "--out", str(tmp_path / "ann.zip")]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen(
        [sys.executable, MANAGE, "dsr_export", *arguments], stderr=theirs, stdout=subprocess.DEVNULL, env=environment
    )
    os.close(theirs)
    seen = b"".join(written(ours)).decode()
    assert process.wait(timeout=60) == 0
    os.close(ours)
    assert "Reading" in seen or "Writing" in seen
    assert "read Orders: 2 records" not in seen
