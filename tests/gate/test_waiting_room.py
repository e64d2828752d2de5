"""The waiting room of several processes on a real Valkey, in a time that the test sets."""

import pytest

from config.local import embedded
from gate import process
from gate.clock import SECOND
from gate.line import FASTEST, SLOWEST
from gate.rules import Rules
from gate.ticket import Signer
from gate.tokens import burst
from gate.waiting_room import ADMISSION, BROWSER, NOBODY, TICKET, Answer
from tests.gate.people import KEY, Person, Town, empty, forget
from tests.servers import new_folder


@pytest.fixture
def town(valkey) -> Town:
    town = Town()
    yield town
    town.empty(valkey)


def admitted_ticket(town: Town) -> Person:
    """Somebody who waited and was called, but has not asked since."""
    town.come(200)
    town.run(3)
    person = town.waiting[0]
    while not town.rooms[0].lookout.line.cursor > Signer(KEY)._open(b"t", person.cookies[TICKET])[0]:
        town.pass_by(1)
        for room in town.rooms:
            room.lookout.tend()
    town.pass_by(2)
    return person


def test_it_lets_everybody_pass_while_there_is_room(town):
    for _ in range(20):
        town.come(10)
        town.pass_by(1)
    assert not town.waiting and not any(room.lookout.held for room in town.rooms)


def test_it_serves_a_crowd_in_order_at_its_rate(town):
    town.run(20, coming=100)
    came_by_then = len([p for p in town.people if p.admitted_at is not None])
    assert 0.9 * 20 * 18 <= came_by_then <= 20 * 20 + 40 + 1
    town.run(2000 / 20 - 20 + 25)
    assert not town.waiting, "nobody is stuck"
    assert max(town.slips()) <= 15
    assert sorted(town.slips())[len(town.people) // 2] <= 4
    town.run(5)
    assert not any(room.lookout.held for room in town.rooms), "the line is over, newcomers pass"


def test_it_is_asked_no_oftener_than_is_set_while_a_crowd_grows():
    """Those who are about to be called come on top: some questions each."""
    town = Town(polls=50)
    town.run(30, coming=200)
    admitted = len(town.people) - len(town.waiting)
    assert len(town.waiting) > 5000
    assert town.asked <= 50 * 30 * 1.1 + 4 * admitted


def test_it_tells_a_place_that_comes_nearer(town):
    town.run(5, coming=100)
    last = town.people[-1]
    places = [Person(0).take(town.any().enter({})).place]
    town.run(3)
    while last.admitted_at is None:
        places.append(town.any().ask(last.cookies).place)
        town.run(1)
    places = [place for place in places if place]
    positions = [place.position for place in places]
    assert 250 < positions[0] <= 501, "at once about right, exact with the next second"
    assert positions[1:] == sorted(positions[1:], reverse=True)
    assert places[1].wait_s == pytest.approx(len(places) - 1, abs=8)
    assert {place.pace_s for place in places} <= set(range(3, 61))
    assert places[1].colour == "yellow"


@pytest.mark.parametrize("processes", ["alive", "started anew"])
def test_it_keeps_the_order_when_redis_is_emptied(town, valkey, processes):
    town.run(20, coming=100)
    before = len(town.waiting)
    town.empty(valkey)
    if processes == "started anew":
        town.restart()
    town.run(10, coming=100)
    town.run(len(town.waiting) / 20 + 80)
    assert before > 1000 and not town.waiting, "nobody is stuck"
    # Where nobody remembers, those who come before the first of the line asks again may pass: a burst at the most.
    passed_before_their_turn = sum(slip > 15 for slip in town.slips())
    assert passed_before_their_turn <= (0 if processes == "alive" else burst(town.rate))


def test_it_puts_back_what_one_process_knows_after_another_began_anew(town, valkey):
    town.run(20, coming=100)
    epoch, waiting = town.rooms[0].lookout.line.epoch, town.rooms[0].lookout.ahead.waiting
    town.empty(valkey)
    newcomer = town.start()
    newcomer.lookout.tend()
    assert newcomer.lookout.line.epoch != epoch
    town.pass_by(1)
    town.rooms[0].lookout.tend()
    town.pass_by(1)
    newcomer.lookout.tend()
    assert newcomer.lookout.line.epoch == epoch
    assert newcomer.lookout.ahead.waiting == pytest.approx(waiting, rel=0.2)


def test_it_goes_on_when_the_clock_is_set_back(town):
    town.run(10, coming=100)
    town.hands.pass_by(0, set_by=-3600)
    early = [p.number for p in town.people]
    town.run(5, coming=100)
    town.rooms.append(town.start())  # knows only the wrong time until it looks
    town.run(5, coming=100)
    town.run(len(town.waiting) / 20 + 30)
    assert not town.waiting
    assert max(town.slips()) <= 12
    assert early


def test_it_goes_on_when_the_clock_is_set_back_and_nobody_remembers(town, valkey):
    """Tickets of a time to come, no line, new processes: the tickets themselves tell how late it was."""
    town.run(10, coming=100)
    town.hands.pass_by(0, set_by=-3600)
    town.empty(valkey)
    town.restart()
    town.run(10, coming=50)
    town.run(len(town.waiting) / 20 + 90)
    assert not town.waiting


def test_it_gives_nothing_for_a_ticket_copied_to_another_browser(town):
    person = admitted_ticket(town)
    for room in town.rooms:
        room.lookout.held = True
    thief = {TICKET: person.cookies[TICKET]}
    assert room.ask(thief) is NOBODY
    assert room.ask(thief | {BROWSER: "x" * 22}) is NOBODY
    told = room.enter(thief | {BROWSER: "x" * 22})
    assert not told.admitted and told.place and TICKET in told.cookies, "a newcomer like others"
    mine = room.ask(person.cookies)
    assert mine.admitted
    stolen = {ADMISSION: mine.cookies[ADMISSION][0], BROWSER: "x" * 22}
    assert room.ask(stolen) is NOBODY and not room.enter(stolen).admitted


def test_it_gives_the_same_admission_to_the_same_browser_again(town):
    """A reload, or an answer that was lost: same end, and no second place is used up."""
    person = admitted_ticket(town)
    first, again = town.rooms[0].ask(person.cookies), town.rooms[1].ask(person.cookies)
    assert first.admitted and again.admitted
    assert first.cookies[ADMISSION][0] == again.cookies[ADMISSION][0]
    assert town.any().enter({BROWSER: person.cookies[BROWSER], ADMISSION: first.cookies[ADMISSION][0]}).admitted


def test_it_gives_a_new_ticket_after_the_end_of_an_admission(town):
    person = admitted_ticket(town)
    person.take(town.any().ask(person.cookies))
    town.pass_by(11 * 60)
    room = town.any()
    assert room.ask(person.cookies) is NOBODY
    for room in town.rooms:
        room.lookout.held = True
    told = person.take(room.enter(person.cookies))
    assert not told.admitted and told.place
    assert TICKET in told.cookies


def test_it_lets_nobody_share_an_admission_with_a_crowd(town):
    person = town.come(1)[0]
    room = town.any()
    room.lookout.held = True
    answers = [room.enter(person.cookies).admitted for _ in range(11)]
    assert answers == [True] * 10 + [False]


@pytest.mark.parametrize(
    "cookies",
    [
        {TICKET: "A" * 64, BROWSER: "b" * 22},
        {TICKET: "한글", BROWSER: "한글"},
        {ADMISSION: "A" * 64, BROWSER: "b" * 22},
        {BROWSER: "x" * 5000},
    ],
)
def test_it_takes_what_it_did_not_sign_for_nothing(town, cookies):
    town.come(60)
    told = town.any().enter(cookies)
    assert not told.admitted and told.place
    assert BROWSER in told.cookies and len(told.cookies[BROWSER][0]) == 22


def test_it_does_not_take_a_ticket_from_yesterday(town):
    town.come(60)
    person = town.waiting[0]
    town.pass_by(12 * 3600)
    assert town.any().ask(person.cookies) is NOBODY


def test_it_holds_newcomers_where_there_is_no_place_inside(town):
    person = Person(0)
    told = person.take(town.any().enter({}, room=False))
    assert not told.admitted and told.place
    town.people.append(person)
    town.run(8)
    assert not town.waiting


def test_it_lets_in_fewer_while_those_who_are_in_find_no_place_and_more_again(town):
    town.run(10, coming=100)
    for _ in range(12):
        town.rooms[0].lookout.refused["finish"] += 15
        town.run(1, coming=100)
    slow, before = town.rooms[1].lookout.rate, len(town.waiting)
    assert 20 * 0.5 <= slow <= 20 * 0.8, "every process is told"
    for room in town.rooms:
        room.lookout.refused["scan"] += 1000  # says nothing of those who were let in
    town.run(10, coming=0)
    assert before - len(town.waiting) <= 10 * 20 * 0.9
    town.run(25)
    assert {room.lookout.rate for room in town.rooms} == {20.0}
    assert max(town.slips()) <= 15, "the order stays"


def test_it_goes_on_letting_in_some_however_many_find_no_place(town):
    for _ in range(60):
        town.rooms[0].lookout.refused["verify"] += 500
        town.run(1, coming=50)
    assert 20 * SLOWEST <= town.rooms[1].lookout.rate <= 20 * SLOWEST * 1.2


def test_it_does_not_promise_the_speed_of_an_earlier_rate(town):
    """Who is told that their turn is near asks often; where it is not, all these questions are more than is borne."""
    for number, rate in enumerate((100_000, 20), 1):
        town.rooms[0].lookout.apply(Rules(rate=rate, version=number))
        town.come(50 if rate > 20 else 2000)
        town.run(3, coming=100)
    last = town.rooms[0].ask(town.people[-1].cookies).place
    assert last.wait_s >= last.position / (FASTEST * 20) - 3 and last.pace_s >= 4


def test_it_learns_new_rules_within_five_seconds(town):
    town.come(1)
    town.rooms[0].lookout.apply(Rules(rate=77, version=5))
    town.pass_by(1.1)
    town.rooms[1].lookout.tend()
    assert town.rooms[1].lookout.rules.rate == 77
    town.rooms[1].lookout.apply(Rules(rate=99, version=4))
    town.pass_by(1.1)
    town.rooms[0].lookout.tend()
    assert town.rooms[0].lookout.rules.rate == 77, "older rules do not come back"


def test_a_process_that_the_crowd_does_not_come_to_knows_all_and_takes_no_share(town):
    desk = town.start(shares=False).lookout
    town.come(2)
    desk.refused["desk"] += 1
    desk.apply(Rules(rate=77, version=5))
    for _look in range(2):
        town.pass_by(1.1)
        for lookout in (desk, *(room.lookout for room in town.rooms)):
            lookout.tend()
    assert {room.lookout.processes for room in town.rooms} == {2} == {desk.processes}
    assert {room.lookout.rules.rate for room in town.rooms} == {77}
    assert town.rooms[0].lookout.refused_this_hour == desk.refused_this_hour == {"desk": 1}


@pytest.mark.parametrize("for_desk", [True, False])
def test_such_a_process_is_told_by_its_environment(valkey, settings, for_desk):
    settings.WEB_FOR_DESK = for_desk
    forget()
    try:
        process.lookout().tend()
        assert valkey.zcard("{gate}:processes") == (0 if for_desk else 1)
    finally:
        forget()
        empty(valkey)


def test_it_goes_on_without_redis_and_with_it_again():
    folder = new_folder()
    server = embedded.start_valkey(folder, embedded.new_password(), options={"appendonly": "no"})
    try:
        town = Town(url=server.url(0))
        town.run(10, coming=60)
        server.stop()
        let_in = len(town.people) - len(town.waiting)
        town.run(20, coming=40)
        alone = len(town.people) - len(town.waiting) - let_in
        assert 0.7 * 20 * 20 <= alone <= 1.2 * 20 * 20, "each process lets in its share of the rate"
        server.restart()
        town.run(5, coming=40)
        town.run(len(town.waiting) / 20 + 80)
        assert not town.waiting, "nobody is stuck"
        assert max(town.slips()) <= 60
    finally:
        server.stop()


def test_it_begins_without_redis():
    town = Town(url="redis://127.0.0.1:9/0", processes=1)
    town.come(5)
    town.run(30, coming=40)
    assert 0.8 * 20 * 28 <= len(town.people) - len(town.waiting) <= 20 * 30 + 45


def test_it_answers_newcomers_from_what_it_holds(town, monkeypatch):
    """Once the line is closed up, neither newcomers nor those far back cost a call of Redis."""
    town.come(200)
    for room in town.rooms:
        room.lookout.tend()
    room = town.rooms[0]
    monkeypatch.setattr(room.lookout, "_shared", None)
    answer: Answer = room.enter({})
    assert answer.place and room.ask(town.waiting[-1].cookies).place
    assert room.lookout.clock.now() % SECOND >= 0
