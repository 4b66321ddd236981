"""The pure decision, whatever is on record: nobody suspended without notice, nobody in good standing refused."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comptoir.dunning.calculation.hours import Day, Hours, is_closed, next_closed, usual_hours
from comptoir.dunning.calculation.standing import (
    CLOSED,
    Facts,
    OpenInvoice,
    Pause,
    ProductRule,
    Terms,
    decide,
    overdue,
    owed_minor,
)
from comptoir.dunning.calculation.steps import REMINDERS, StepTerms, next_step, planned_days

TODAY = date(2020, 11, 20)
STEPS = (
    StepTerms("due_soon", -5), StepTerms("reminder", 3), StepTerms("firm_reminder", 10), StepTerms("final_notice", 17),
    StepTerms("suspension", 25), StepTerms("hand_over", 60),
)  # fmt: skip
USUAL = Terms(suspension_days=25, notice_days=7)
NOTICED, NAMED = TODAY - timedelta(days=20), TODAY - timedelta(days=12)

days = st.integers(-60, 20).map(lambda offset: TODAY + timedelta(days=offset))
minor = st.integers(0, 10_000)
invoices = st.builds(
    OpenInvoice,
    id=st.integers(1, 99),
    due_on=days,
    open_minor=st.integers(1, 10_000),
    coming_minor=minor,
    told=st.just({}),
    proven_on=st.none() | days,
    closes_from=st.none() | days,
    asked_minor=st.just(0) | minor,
).map(lambda row: replace(row, coming_minor=min(row.coming_minor, row.open_minor)))
pauses = st.one_of(
    st.builds(Pause, kind=st.sampled_from(["hold", "promise"]), until=days.filter(lambda day: day >= TODAY)),
    st.builds(Pause, kind=st.sampled_from(["dispute", "message"])),
)
facts_on_record = st.builds(Facts, st.lists(invoices, max_size=4), st.lists(pauses, max_size=2), st.just(0) | minor)
policies = st.builds(
    Terms,
    suspension_days=st.none() | st.integers(1, 40),
    notice_days=st.integers(1, 30),
    least_overdue_minor=minor,
    debit_restores=st.booleans(),
)
rules = st.builds(ProductRule, st.sampled_from(["suspend", "limit", "never"]), st.integers(0, 30), st.booleans())
states = st.sampled_from(["good", "warned", "limited", "suspended"])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(facts=facts_on_record, terms=policies, rule=rules, present=states)
def test_nobody_is_closed_out_without_notice_and_nobody_in_good_standing_is(
    facts: Facts, terms: Terms, rule: ProductRule, present: str
) -> None:
    verdict = decide(facts, terms=terms, rule=rule, present=present, today=TODAY)  # type: ignore[arg-type]

    late = overdue(facts, terms=terms, today=TODAY)
    if verdict.state in CLOSED:
        assert rule.effect != "never"
        noticed = [row for row in late if row.proven_on and row.proven_on + timedelta(days=terms.notice_days) <= TODAY]
        assert noticed, "a notice was received long enough ago, about something that is still open"
        assert any(row.closes_from and row.closes_from <= TODAY for row in noticed), (
            "and the day that it named has come"
        )
        assert not any(pause.kind in ("hold", "promise") for pause in facts.pauses)
        assert verdict.amount_minor > 0
    if verdict.state in CLOSED and present not in CLOSED:
        assert not facts.pauses
        assert not any(row.is_being_paid for row in late), "nothing gets worse while a payment is under way"
    if not late or sum(row.open_minor for row in late) <= facts.credit_minor:
        assert verdict.state == "good"
    if verdict.state == "warned":
        assert verdict.until is None or verdict.until > TODAY


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(facts=facts_on_record, terms=policies, rule=rules, present=states)
def test_paying_everything_restores_whatever_was(facts: Facts, terms: Terms, rule: ProductRule, present: str) -> None:
    paid = replace(facts, invoices=[])
    assert decide(paid, terms=terms, rule=rule, present=present, today=TODAY).state == "good"  # type: ignore[arg-type]


def test_a_debit_that_was_accepted_restores_where_the_policy_says_so() -> None:
    row = OpenInvoice(1, TODAY - timedelta(days=40), 100, 100, {}, NOTICED, NAMED)
    for restores, state in ((True, "good"), (False, "suspended")):
        terms = replace(USUAL, debit_restores=restores)
        found = decide(Facts([row]), terms=terms, rule=ProductRule(), present="suspended", today=TODAY)
        assert found.state == state


def test_a_card_that_pays_restores_whatever_the_policy_says_of_debits() -> None:
    row = OpenInvoice(1, TODAY - timedelta(days=40), 100, 100, {}, NOTICED, NAMED, card_minor=100)
    for restores in (True, False):
        terms = replace(USUAL, debit_restores=restores)
        found = decide(Facts([row]), terms=terms, rule=ProductRule(), present="suspended", today=TODAY)
        assert (found.state, found.why) == ("good", "payment_coming")
    half = replace(row, card_minor=50)
    found = decide(Facts([half]), terms=terms, rule=ProductRule(), present="suspended", today=TODAY)
    assert (found.state, found.amount_minor) == ("suspended", 50), "the debit of the rest is not settled"


def test_what_the_processor_was_not_asked_for_yet_keeps_things_as_they_are_and_lets_nobody_in() -> None:
    row = OpenInvoice(1, TODAY - timedelta(days=40), 100, 0, {}, NOTICED, NAMED, asked_minor=100)
    for present in ("warned", "suspended"):
        found = decide(Facts([row]), terms=USUAL, rule=ProductRule(), present=present, today=TODAY)  # type: ignore[arg-type]
        assert found.state == present


def test_what_credit_covers_or_the_policy_lets_pass_is_not_owed() -> None:
    row = OpenInvoice(1, TODAY - timedelta(days=40), 1_000, 0, {}, NOTICED, NAMED)
    for credit_minor, least_minor, owed, why, said_minor in (
        (0, 0, 1_000, "overdue", 1_000),
        (1_000, 0, 0, "covered", 0),
        (600, 400, 400, "overdue", 400),
        (600, 401, 0, "little", 400),
    ):
        facts, terms = Facts([row], credit_minor=credit_minor), replace(USUAL, least_overdue_minor=least_minor)
        assert owed_minor(facts.invoices, facts=facts, terms=terms) == owed
        found = decide(facts, terms=terms, rule=ProductRule(), present="warned", today=TODAY)
        assert (found.why, found.amount_minor) == (why, said_minor)


def test_an_urgent_message_keeps_access_and_does_not_bring_it_back() -> None:
    row = OpenInvoice(1, TODAY - timedelta(days=40), 100, 0, {}, NOTICED, NAMED)
    facts = Facts([row], [Pause("message")])
    for present, state in (("warned", "warned"), ("suspended", "suspended"), ("limited", "limited")):
        found = decide(facts, terms=USUAL, rule=ProductRule(), present=present, today=TODAY)  # type: ignore[arg-type]
        assert found.state == state


def test_a_policy_that_only_limits_now_counts_at_once_whatever_holds_things_up() -> None:
    row = OpenInvoice(1, TODAY - timedelta(days=40), 100, 0, {}, NOTICED, NAMED)
    for facts in (
        Facts([replace(row, coming_minor=50)]),
        Facts([replace(row, asked_minor=100)]),
        Facts([row], [Pause("message")]),
        Facts([row], [Pause("dispute")]),
    ):
        found = decide(facts, terms=USUAL, rule=ProductRule("limit"), present="suspended", today=TODAY)
        assert found.state == "limited"


@given(start=st.integers(-10, 60), peace=st.integers(0, 60))
def test_steps_are_climbed_one_at_a_time_with_the_policys_distance(start: int, peace: int) -> None:
    due, told = date(2020, 10, 1), {}
    day = due + timedelta(days=start)
    for _run in range(120):
        kind = next_step(due_on=due, told=told, steps=STEPS, today=day)
        if kind is not None:
            told[kind] = day
            day += timedelta(days=peace if kind == "reminder" else 0)
        day += timedelta(days=1)
    assert [kind for kind in told if kind in REMINDERS] == list(REMINDERS)
    assert told["firm_reminder"] - told["reminder"] >= timedelta(days=7)
    assert told["final_notice"] - told["firm_reminder"] >= timedelta(days=7)
    assert planned_days(due_on=due, told=told, steps=STEPS)["suspension"] >= told["final_notice"] + timedelta(days=8)


zones = st.sampled_from(["America/New_York", "America/Los_Angeles", "Europe/Paris", "Australia/Lord_Howe"])
quarters = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
weeks = st.one_of(
    st.builds(Day, quarters, quarters).map(lambda day: (day,) * 7),
    st.tuples(*[st.none() | st.builds(Day, quarters, quarters)] * 7),
)


def add_quarters(at: datetime, quarters: int) -> datetime:
    """Return an instant so many quarters of an hour later."""
    return at + timedelta(minutes=15 * quarters)


stores = st.sets(st.builds(Hours, zones, weeks), min_size=1, max_size=4)
# Two of the days on which clocks are changed are among them often.
changes = st.sampled_from([datetime(2020, 3, 8, tzinfo=UTC), datetime(2020, 11, 1, tzinfo=UTC)])
instants = st.integers(0, 35_000).map(
    lambda quarter: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * quarter + 7)
)


@settings(deadline=None, max_examples=60)
@given(stores=stores, after=instants, night_only=st.booleans())
def test_nothing_is_closed_while_a_store_is_open(stores: set[Hours], after: datetime, night_only: bool) -> None:
    at = next_closed(stores, after=after, night_only=night_only)
    if at is None:
        return
    assert at >= after
    for store in stores:
        local = at.astimezone(ZoneInfo(store.zone))
        assert not any(opens <= local.replace(tzinfo=None) < closes for opens, closes in openings(store, local.date()))
        assert not night_only or time(1) <= local.time() < time(5)


def openings(store: Hours, day: date) -> Iterator[tuple[datetime, datetime]]:
    """Yield when a store opens and closes on a day and the one before, as its clock on the wall says."""
    for each in (day - timedelta(days=1), day):
        if (hours := store.week[each.isoweekday() - 1]) is not None:
            to = each if hours.opens < hours.closes else each + timedelta(days=1)
            yield datetime.combine(each, hours.opens), datetime.combine(to, hours.closes)


@settings(deadline=None, max_examples=100)
@given(store=st.builds(Hours, zones, weeks), after=instants | st.builds(add_quarters, changes, st.integers(0, 100)))
def test_the_first_quarter_at_which_a_store_is_closed_is_found_also_when_clocks_change(
    store: Hours, after: datetime
) -> None:
    def is_open(at: datetime) -> bool:
        local = at.astimezone(ZoneInfo(store.zone))
        return any(opens <= local.replace(tzinfo=None) < closes for opens, closes in openings(store, local.date()))

    found = next_closed([store], after=after, night_only=False)

    quarter = add_quarters(after.replace(minute=0, second=0), -(-after.minute // 15))
    while quarter < (found or quarter + timedelta(days=8)):
        assert is_open(quarter) or is_open(quarter + timedelta(minutes=14, seconds=59))
        quarter += timedelta(minutes=15)
        if found is None and quarter > after + timedelta(days=7):
            break
    assert found is None or not is_open(found)


def test_usual_hours_leave_a_moment_from_coast_to_coast_and_none_for_a_store_that_never_closes() -> None:
    coasts = [hours for state in ("NY", "ca") for hours in at_home(state)]
    noon = datetime(2020, 11, 20, 17, tzinfo=UTC)
    for night_only, hour in ((False, 8), (True, 9)):
        found = next_closed(coasts, after=noon, night_only=night_only)
        assert found == datetime(2020, 11, 21, hour, tzinfo=UTC)
        assert is_closed(coasts, at=found, night_only=night_only)
    assert (
        next_closed([*coasts, Hours("America/Chicago", (Day(time(0), time(0)),) * 7)], after=noon, night_only=False)
        is None
    )


def at_home(state: str) -> tuple[Hours, ...]:
    """Return the usual hours of a state of the USA."""
    return usual_hours(country="US", state=state, zone="America/New_York")


def test_a_store_of_a_state_with_two_clocks_is_closed_when_it_is_by_both() -> None:
    afternoon = datetime(2020, 11, 20, 20, tzinfo=UTC)
    for state, elsewhere in (("TX", "America/Denver"), ("TN", "America/New_York"), ("fl", "America/Chicago")):
        for night_only in (False, True):
            found = next_closed(at_home(state), after=afternoon, night_only=night_only)
            assert found is not None
            for store in (*at_home(state), Hours(elsewhere)):
                assert is_closed([store], at=found, night_only=night_only), (state, store.zone)


def test_a_store_abroad_keeps_the_clocks_of_its_country_whatever_its_province_is_called() -> None:
    cadiz = usual_hours(country="ES", state="CA", zone="America/New_York")
    assert {store.zone for store in cadiz} == {"Europe/Madrid", "Atlantic/Canary", "Africa/Ceuta"}
    assert usual_hours(country="", state="", zone="Europe/Paris") == (Hours("Europe/Paris"),)
    assert at_home("not a state") == (Hours("America/New_York"),)
