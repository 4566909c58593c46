from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.utils import timezone
from django_q.models import Schedule

from requests_app.schedules import SCHEDULES, create_schedules

pytestmark = pytest.mark.django_db


def test_every_schedule_names_a_task_and_stands_once_however_often_is_migrated() -> None:
    create_schedules()
    create_schedules()
    schedules = {schedule.name: schedule for schedule in Schedule.objects.all()}
    assert len(schedules) == Schedule.objects.count() == len(SCHEDULES)
    for name, (task, minutes) in SCHEDULES.items():
        module, _, function = task.rpartition(".")
        assert callable(getattr(import_module(module), function))
        assert (schedules[name].func, schedules[name].minutes, schedules[name].repeats) == (task, minutes, -1)


def test_what_became_due_while_nothing_ran_is_due_now_and_the_rest_keeps_its_time() -> None:
    now = timezone.now()
    create_schedules()
    Schedule.objects.filter(name="sweep").update(next_run=now - timedelta(days=2))
    Schedule.objects.filter(name="clean-up").update(next_run=now + timedelta(minutes=30))
    create_schedules()
    times = dict(Schedule.objects.values_list("name", "next_run"))
    assert now <= times["sweep"] <= timezone.now()
    assert times["clean-up"] == now + timedelta(minutes=30)
