"""The per cent of an export, through formats that take long for different reasons."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from exporters.start_here import STEM
from requests_app.rendering.course import Course

SECONDS = st.floats(0, 10_000)


@given(
    st.lists(st.tuples(SECONDS, st.integers(0, 5)), min_size=1, max_size=6),
    st.integers(0, 10**7),
    st.lists(st.integers(0, 10**6), max_size=5),
)
def test_the_percent_never_goes_back_and_is_never_100(formats, records, batches):
    course = Course({f"f{number}": seconds for number, (seconds, _) in enumerate(formats)}, records)
    shown = [course.percent]
    for number, (_, parts) in enumerate(formats):
        for part in range(1, parts + 1):
            course.begin(f"f{number}/export-{part}.x", (part, parts))
            shown.append(course.percent)
        if not parts:
            course.begin(f"f{number}/export.x")
        for batch in batches:
            course.add(batch)
            shown.append(course.percent)
    course.begin(STEM)
    shown.append(course.percent)
    assert shown == sorted(shown)
    assert shown[0] == 0
    assert shown[-1] <= 99


def test_formats_count_by_the_time_they_take():
    course = Course({"csv": 1.0, "pdf": 17.5}, 1000)
    course.begin("csv/orders.csv")
    course.add(500)
    assert (course.percent, course.step) == (2, "Writing CSV: record 500 of 1,000")
    course.begin("pdf/export.pdf", (1, 5))
    assert (course.percent, course.step) == (5, "Writing PDF, part 1 of 5")
    course.add(1000)
    course.begin("pdf/export-3.pdf", (3, 5))
    assert (course.percent, course.step) == (40, "Writing PDF, part 3 of 5")
    course.begin(STEM)
    assert (course.percent, course.step) == (92, "Writing the file to open first")


def test_a_format_of_several_files_is_one_way_through_the_records():
    course = Course({"csv": 8.5}, 100)
    for number in range(10):
        course.begin(f"csv/t{number}.csv")
        course.add(10)
    assert (course.percent, course.step) == (85, "Writing CSV: record 100 of 100")


def test_nothing_held_is_written_too():
    course = Course({"json": 0.0}, 0)
    assert (course.percent, course.step) == (0, "")
    course.begin("json/export.json")
    assert (course.percent, course.step) == (0, "Writing JSON")
    course.begin("pdf/export.pdf", (1, 1))
    course.begin(STEM)
    assert (course.percent, course.step) == (0, "Writing the file to open first")
