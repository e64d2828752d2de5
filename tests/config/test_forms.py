"""Where the focus is on a form that comes back: in one place."""

import re

import pytest
from django import forms
from django.template.loader import render_to_string


class Plan(forms.Form):
    way = forms.ChoiceField(choices=[("a", "A"), ("b", "B"), ("c", "C")], widget=forms.RadioSelect)
    moment = forms.SplitDateTimeField(widget=forms.SplitDateTimeWidget)
    reason = forms.CharField(widget=forms.TextInput({"autofocus": True}))

    def clean(self):
        if self.data.get("never"):
            raise forms.ValidationError("never")
        return self.cleaned_data


RIGHT = {"way": "a", "moment_0": "2026-11-29", "moment_1": "09:00", "reason": "x"}


def in_focus(page):
    return re.findall(r'name="(\w+)"', " ".join(re.findall(r"<[^>]* autofocus[^>]*>", page)))


@pytest.mark.parametrize(
    ("sent", "name"),
    [(None, "reason"), (RIGHT, "reason"), ({}, "way"), (RIGHT | {"moment_0": ""}, "moment_0")],
    ids=["new", "right", "radios", "several inputs"],
)
def test_one_input_has_the_focus_and_that_is_the_first_of_the_first_wrong_field(sent, name):
    assert in_focus(Plan(sent).as_div()) == [name]


def test_one_of_buttons_that_are_shown_one_by_one_has_the_focus():
    assert in_focus(render_to_string("owner/choices.html", {"field": Plan({})["way"]})) == ["way"]


def test_the_form_as_a_whole_has_it_where_no_field_is_wrong():
    def above(sent):
        return render_to_string("owner/form_errors.html", {"form": Plan(sent)}).count(" autofocus")

    assert (above(RIGHT | {"never": 1}), above({"never": 1}), above(RIGHT)) == (1, 0, 0)
