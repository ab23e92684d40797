"""Every named crash point: it is where it is said to be, and a SIGKILL there loses and doubles nothing.

``bin/bench crashpoints`` does the same some thousand times, with chance.
"""

from __future__ import annotations

import ast
import random
from pathlib import Path

import pytest
from benchmarks.crashpoints import without_looking_up, without_sweeping
from benchmarks.harness import forks, money
from benchmarks.harness.stories import DEADLINE, STORIES, Due, Stories, Told
from benchmarks.harness.teller import AIMS

import tacit
from tacit.checkout import actions
from tacit.checkout.models import OrderLine
from tacit.core import crash
from tests.checkout.shopping import buy, fill
from tests.conftest import stock_shop
from tests.connectors.practice import PracticeProcess

SOURCE = Path(tacit.__file__).parent


def test_the_list_is_what_the_source_says():
    found = [
        node.args[0].value
        for file in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (node.func.attr, getattr(node.func.value, "id", "")) == ("point", "crash")
        and isinstance(node.args[0], ast.Constant)
    ]
    assert sorted(found) == sorted(crash.POINTS), "each name once in the source and once in POINTS"
    assert {point for points in AIMS.values() for point in points} == set(crash.POINTS)


def test_a_point_that_is_not_armed_does_nothing_and_an_unknown_one_cannot_be_armed():
    for name in crash.POINTS:
        crash.point(name)
    with pytest.raises(KeyError):
        crash.arm("nowhere")


@pytest.mark.django_db(transaction=True)
def test_a_kill_at_every_point_loses_and_doubles_nothing(practice):
    teller = told_by(practice)
    for names in (STORIES, (DEADLINE,), STORIES, STORIES):
        told = [teller.tell(name) for name in names if teller.missing(name)]
        if told:
            teller.settle()
            verdict = money.judge(told, practice.state)
            assert (verdict.lost, verdict.double) == ([], [])
            assert [error for story in told for error in story.errors] + teller.errors == []
    assert teller.missing() == set()
    (end,) = forks.run([lambda: (teller.wire(), actions.reconcile(now=teller.now))])
    assert end.error == ""
    assert money.drift() == []


@pytest.mark.django_db(transaction=True)
def test_the_control_without_a_look_before_a_retry_money_is_doubled(practice):
    """A request dies after the provider answered; the provider forgets the key; the worker asks again."""
    teller = told_by(practice)
    teller.before_each = without_looking_up
    teller.only = frozenset({"buy.answered"})
    told = [teller.tell("card")]
    teller.settle()
    assert money.judge(told, practice.state).double


@pytest.mark.django_db(transaction=True)
def test_the_control_without_a_look_before_a_retry_money_is_given_back_twice(practice):
    """The worker dies when the provider has given it back; the provider forgets the key."""
    teller = told_by(practice)
    teller.only = frozenset()
    assert not doubled(teller, practice)
    teller.before_each = without_looking_up
    assert doubled(teller, practice)


def doubled(teller: Stories, practice: PracticeProcess) -> list[str]:
    told = [teller.tell("refund_again")]
    teller.settle()
    return [line for line in money.judge(told, practice.state).double if line.startswith("refund_again")]


@pytest.mark.django_db(transaction=True)
def test_the_control_without_the_sweep_an_order_is_lost(practice):
    teller = told_by(practice)
    teller.before_each = without_sweeping
    told = [teller.tell("gone")]
    teller.settle()
    assert money.judge(told, practice.state).lost


@pytest.mark.django_db
def test_an_order_without_its_goods_is_lost(kettle, provider, now):
    number = buy(fill(kettle, now=now), now=now).number
    verdict = money.Verdict()
    money._judge_goods(verdict)
    assert verdict.lost == []
    told = Told("card", number, "", Due(("paid",), held=4390))
    OrderLine.objects.all().delete()
    money._judge_story(told, money.AtProvider(times=1, held=4390), verdict)
    money._judge_goods(verdict)
    assert len(verdict.lost) == 2


def told_by(practice: PracticeProcess) -> Stories:
    kettle = stock_shop(1000)
    chance = random.Random(4)
    teller = Stories(url=practice.url, secret=practice.secret, variant=kettle, chance=chance, calm=True)
    teller.warm()
    return teller
