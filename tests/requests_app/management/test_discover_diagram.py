"""The drawing that `dsr_discover` writes beside the map."""

from xml.etree import ElementTree

from tests.requests_app.management.test_commands import run, shop  # noqa: F401  # a fixture


def test_a_drawing_of_what_was_found_is_written(shop, tmp_path):  # noqa: F811
    out, drawing = tmp_path / "proposed.yaml", tmp_path / "tables.svg"
    done = run("dsr_discover", *shop[:2], "--out", str(out), "--diagram", str(drawing))
    assert done.returncode == 0, done.stderr
    root = ElementTree.parse(drawing).getroot()  # noqa: S314  # our own
    words = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"customers", "email", "password", "orders", "customer_id"} <= {*words}
    assert "hunter2" not in drawing.read_text()
    assert "joann" not in drawing.read_text()
