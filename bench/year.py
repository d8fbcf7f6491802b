"""A simulated year of a desk: clients write, the agenda promises, and real work takes longer than estimated.

The promises are made by the product's own planner; the year around them is drawn from a seed. What a person
would do is kept simple: each support hour is worked through in the agenda's order, to the minute.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bench.course import ACCEPTED, CLIENTS, DUTY_MINUTES, MIX, SIZES, YEAR, ZONE, Course, Job, Report, poisson, season
from triagebot.core.desk import Tier
from triagebot.core.hours.agenda import Agenda, Work, fill_today, find_at_risk, make_agenda
from triagebot.core.hours.calendar import Calendar
from triagebot.core.hours.planner import FIRST_ANSWER_MINUTES, SPARE_DAYS, WORK_CLASS, Booked, WorkClass
from triagebot.core.tickets.work import plan_work
from triagebot.edge.holiday import list_holidays


class Year:
    """One year, day by day."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._random = random.Random(course.seed)
        holidays = list_holidays(course.hour.holidays, range(YEAR, YEAR + 3))
        self._calendar = Calendar(course.hour, ZONE, holidays)
        self._days = [date(YEAR, 1, 1) + timedelta(days=offset) for offset in range(365)]
        open_days = [day for day in self._days if self._calendar.is_open(day)]
        self._sick = frozenset(self._random.sample(open_days, course.sick_days))
        self._per_day = self._arrivals_per_day(len(open_days))
        self._jobs: dict[int, Job] = {}
        self._answers: list[tuple[datetime, int]] = []
        self.report = Report()

    def run(self) -> Report:
        """Live through the year and return its report."""
        for day in self._days:
            if day.day == 1:
                self._add_duties(day)
            for moment, what, number in self._events(day):
                if what == "mail":
                    self._receive(moment)
                elif what == "yes":
                    self._accept(number, moment)
                elif self._calendar.is_open(day):
                    self._work_or_be_ill(day)
            self._warn(day)
        self.report.pending = sum(job.promise is not None for job in self._jobs.values() if job.is_open)
        return self.report

    def _arrivals_per_day(self, open_days: int) -> float:
        """Mails a day, so that the year's work fills the course's share of its minutes."""
        mean_error = self._course.bias * math.exp(self._course.sigma**2 / 2)
        minutes = (open_days - self._course.sick_days) * self._course.hour.minutes * self._course.load
        duties = CLIENTS["retainer"] * 12 * DUTY_MINUTES * mean_error
        mean_size = sum(SIZES) / len(SIZES)
        mean = sum(
            share * (size or mean_size) * (1 if tier == "retainer" else ACCEPTED) * mean_error
            + (share * FIRST_ANSWER_MINUTES if tier == "retainer" else 0)
            for tier, _, size, share in MIX
        )
        return (minutes - duties) / mean / sum(season(day) for day in self._days)

    def _events(self, day: date) -> Iterator[tuple[datetime, str, int]]:
        mails = [
            (datetime.combine(day, time(self._random.randrange(6, 23), self._random.randrange(60)), ZONE), "mail", 0)
            for _ in range(poisson(self._random, self._per_day * season(day)))
        ]
        answers = [(moment, "yes", number) for moment, number in self._answers if moment.date() == day]
        hour = (datetime.combine(day, self._course.hour.start, ZONE) + timedelta(hours=1), "hour", 0)
        yield from sorted([*mails, *answers, hour])

    def _add(self, job: Job) -> Job:
        self._jobs[job.number] = job
        return job

    def _real(self, estimate: int) -> float:
        return max(3.0, estimate * self._course.bias * self._random.lognormvariate(0, self._course.sigma))

    def _add_duties(self, day: date) -> None:
        opened = datetime.combine(day, time(0, 1), ZONE)
        for _ in range(CLIENTS["retainer"]):
            number = len(self._jobs) + 1
            real = self._real(DUTY_MINUTES)
            self._add(
                Job(number, "retainer", "retainer", opened, DUTY_MINUTES, real, day + timedelta(days=27))
            ).owes_answer = False

    def _receive(self, now: datetime) -> None:
        tier, kind, size, _ = self._random.choices(MIX, [share for *_, share in MIX])[0]
        estimate = size or self._random.choice(SIZES)
        work: WorkClass = "emergency" if kind == "emergency" else WORK_CLASS[tier]
        job = Job(len(self._jobs) + 1, tier, work, now, estimate, self._real(estimate), None)
        if tier == "none":
            job.not_before = now.date() + timedelta(days=SPARE_DAYS)
        plan = plan_work(kind, estimate, "planned", tier, self._calendar, self._booked(now), now)
        job.due = plan.due
        self._add(job)
        if tier == "retainer":
            job.owes_answer, job.promise = True, plan.promise
            self.report.made += 1
        else:
            job.accepted = False
            if self._random.random() < ACCEPTED:
                self._answers.append((now + timedelta(hours=self._random.choice((2, 6, 24, 48))), job.number))

    def _accept(self, number: int, now: datetime) -> None:
        """A yes: the date that was told holds, unless it has passed."""
        job = self._jobs[number]
        if job.due is None or job.due < now.date():
            plan = plan_work("work", job.estimate, "planned", job.tier, self._calendar, self._booked(now), now)
            job.due = plan.due
        job.accepted, job.promise = True, job.due
        self.report.made += 1

    def _booked(self, now: datetime) -> Booked:
        """What is planned already, as the product's rows of slots hold it."""
        minutes: dict[date, dict[Tier, int]] = {}
        urgent: dict[date, int] = {}
        for one in make_agenda(self._works(now), self._calendar, now).assigned:
            tiers, tier = minutes.setdefault(one.day, {}), self._jobs[one.ticket].tier
            tiers[tier] = tiers.get(tier, 0) + one.minutes
            urgent[one.day] = urgent.get(one.day, 0) + one.minutes * one.urgent
        return Booked(minutes, urgent)

    def _works(self, now: datetime) -> list[Work]:
        works = []
        for job in self._jobs.values():
            if not job.is_planned(now):
                continue
            if job.owes_answer:
                opened, due = job.opened_at, job.promise
                works.append(Work(job.number, FIRST_ANSWER_MINUTES, "retainer", opened, due, urgent=True, answer=True))
            urgent = job.work == "emergency"
            works.append(Work(job.number, job.left(), job.work, job.opened_at, job.due, job.not_before, urgent=urgent))
        return works

    def _work_or_be_ill(self, day: date) -> None:
        """Work through the hour; on a sick morning, tell who was promised today the next support day instead."""
        if day not in self._sick:
            self._work(day)
            return
        following = self._calendar.open_days(day + timedelta(days=1), 60)[0]
        for job in self._jobs.values():
            if job.is_open and job.promise is not None and job.promise <= day:
                job.promise = following
                job.due = max(job.due or following, following)
                self.report.moved += 1

    def _work(self, day: date) -> None:
        morning = datetime.combine(day, self._course.hour.start, ZONE) - timedelta(minutes=1)
        works = [work for work in self._works(morning) if self._jobs[work.ticket].accepted]
        agenda = make_agenda(works, self._calendar, morning)
        left = float(self._calendar.minutes_on(day))
        self.report.minutes += round(left)
        for one in self._in_order(agenda, works, day):
            job = self._jobs[one.ticket]
            if left <= 0:
                break
            if one.answer and job.owes_answer:
                left -= self._spend(min(left, self._random.uniform(2, 8)))
                self._answered(job, day)
            elif job.is_open:
                minutes = min(left, job.real - job.done)
                left -= self._spend(minutes)
                job.done += minutes
                if not job.is_open:
                    self._finished(job, day)

    def _in_order(self, agenda: Agenda, works: list[Work], day: date) -> Iterator["_Turn"]:
        """What is done in an hour: what is planned for it, and then whatever comes next, while minutes are left."""
        today = fill_today(agenda, works, self._calendar, day)
        yield from (_Turn(one.ticket, one.answer) for one in today)
        yield from (_Turn(one.ticket, one.answer) for one in agenda.assigned)

    def _spend(self, minutes: float) -> float:
        self.report.used += minutes
        return minutes

    def _answered(self, job: Job, day: date) -> None:
        job.owes_answer = False
        self._count(job, day)

    def _finished(self, job: Job, day: date) -> None:
        if job.owes_answer or job.promise is not None:
            job.owes_answer = False
            self._count(job, day)

    def _count(self, job: Job, day: date) -> None:
        ended = datetime.combine(day, self._course.hour.start, ZONE)
        self.report.waits[job.tier].append((ended - job.opened_at).total_seconds() / 86_400)
        promise, job.promise = job.promise, None
        if promise is None:
            return
        if day <= promise:
            self.report.kept += 1
            return
        self.report.broken += 1
        self.report.warned += job.warned is not None and job.warned < promise

    def _warn(self, day: date) -> None:
        """What the digest of the evening says: which promises may not be kept."""
        now = datetime.combine(day, time(22), ZONE)
        works = self._works(now)
        told = [work for work in works if self._is_told(work)]
        for work in find_at_risk(make_agenda(works, self._calendar, now), told, self._calendar):
            job = self._jobs[work.ticket]
            job.warned = job.warned or day

    def _is_told(self, work: Work) -> bool:
        job = self._jobs[work.ticket]
        return job.accepted and job.promise is not None and (work.answer or work.due == job.promise)


@dataclass(frozen=True, slots=True)
class _Turn:
    ticket: int
    answer: bool
