"""Two clerks with one row open: the second sees what the first has saved, keeps what they typed, and loses nothing.

A form carries a digest of each value it was made from. Where the row says something else by the time it is sent,
nothing is saved: what the clerk has not touched is brought up to date, what they typed stays, and both are told. Sent
again, it is saved.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import display_for_field, display_for_value
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db.models import Field, Model
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

TOKEN = "_seen"  # noqa: S105 -- the name of a field


class Meanwhile(forms.ModelForm):
    """Mixed into every form of a desk that changes a row. `watched` names the model's field where the form's own is
    called otherwise; `masked` those of which nothing may be shown. `unfolded` is for a form that shows one field of the
    model as many."""

    refused = ""  # why it could not be saved the first time, as it is shown again
    watched: dict[str, str] = {}
    masked: frozenset[str] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored = {} if self.instance._state.adding else dict(self._digests())

    @property
    def seen(self) -> str:
        """What the page hands back with the form."""
        return json.dumps(self.stored)

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and self.stored:
            seen = _read(self.data.get(self.add_prefix(TOKEN), ""))
            if changed := [name for name in self.stored if seen.get(name, self.stored[name]) != self.stored[name]]:
                self._tell(changed, seen)
        if self.is_bound and self.refused and self.is_valid():
            self.add_error(None, self.refused)

    def unfolded(self, row: Any) -> dict[str, Any]:
        """What a row says for fields of the form that are none of the model."""
        return {}

    def noted(self) -> Model:
        """The row under which the desk's own notes tell who has saved this one."""
        return self.instance

    def called(self, name: str) -> str:
        """What a field is called where it stands alone."""
        return str(self.fields[name].label)

    def _digests(self) -> Iterable[tuple[str, str]]:
        unfolded = self.unfolded(self.instance)
        for name, shown in self.fields.items():
            if shown.disabled:
                continue  # what cannot be typed cannot be lost
            if field := self._model_field(name):
                yield name, self._digest(name, field.value_from_object(self.instance))
            elif name in unfolded:
                yield name, self._digest(name, unfolded[name])

    def _model_field(self, name: str) -> "Field[Any, Any] | None":
        known = {field.name: field for field in self.instance._meta.concrete_fields}
        return known.get(self.watched.get(name, name))

    def _digest(self, name: str, value: Any) -> str:
        value = value.pk if isinstance(value, Model) else value
        text = json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else str(value)
        return salted_hmac(f"meanwhile {self.instance._meta.label} {self.instance.pk} {name}", text).hexdigest()[:16]

    def _tell(self, changed: list[str], seen: dict[str, str]) -> None:
        """Say what differs, and bring up to date what the clerk left as it was."""
        row = type(self.instance)._default_manager.get(pk=self.instance.pk)
        data, lines = self.data.copy(), [_saved_by(self.noted())]  # type: ignore[attr-defined] # Django's QueryDict
        for name in changed:
            touched = name not in self.masked and self._digest(name, self.cleaned_data.get(name)) != seen[name]
            if name not in self.masked and not touched:
                self._refill(data, name)
            lines.append(self._line(row, name, touched=touched))
        if TOKEN in self.fields:
            data[self.add_prefix(TOKEN)] = self.seen
        self.data = data
        self.add_error(None, ValidationError([ValidationError(line, code="meanwhile") for line in lines]))

    def _line(self, row: Model, name: str, *, touched: bool) -> str:
        label = self.called(name)
        if name in self.masked:
            return _("“{field}” is another now. What you typed for it stays here.").format(field=label)
        now = self._shown(row, name)
        if touched:
            return _("“{field}” says {now} now; what you typed stays here.").format(field=label, now=now)
        return _("“{field}” says {now} now, here as well.").format(field=label, now=now)

    def _shown(self, row: Model, name: str) -> str:
        """What the row says now, in words."""
        field = self._model_field(name)
        if field is None:
            value = self.unfolded(row)[name]
            return (_("yes") if value else _("no")) if isinstance(value, bool) else display_for_value(value, "–")
        value = getattr(row, field.name)
        if in_words := getattr(self.fields[name], "in_words", None):
            return in_words(value) or "–"
        return str(value) if isinstance(value, Model) else display_for_field(value, field, "–")

    def _refill(self, data: Any, name: str) -> None:
        """Put what is stored where the clerk has typed nothing of their own."""
        bound, widget = self[name], cast(Any, self.fields[name].widget)
        value = bound.field.prepare_value(self.initial.get(name))
        if isinstance(widget, forms.MultiWidget):
            split: Any = widget
            parts = zip(split.widgets_names, split.widgets, split.decompress(value), strict=True)
            for suffix, part, inner in parts:
                data[bound.html_name + suffix] = part.format_value(inner) or ""
        elif isinstance(widget, forms.CheckboxInput):
            data.pop(bound.html_name, None)
            if value:
                data[bound.html_name] = "on"
        else:
            data[bound.html_name] = "" if value is None else _plain(widget.format_value(value))


class MeanwhileInline(Meanwhile):
    """The same for the rows of a formset, each of which hands back its own."""

    _seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial[TOKEN] = self.seen


def _plain(shown: Any) -> Any:
    """What a widget puts into its one input; a choice comes as a list of one."""
    return (shown[0] if shown else "") if isinstance(shown, list) else shown or ""


def _read(text: str) -> dict[str, str]:
    """The digests that a page has handed back; none where it did not, as a form filled by a program."""
    try:
        seen = json.loads(text)
    except ValueError:
        return {}
    return seen if isinstance(seen, dict) else {}


def _saved_by(row: Model) -> str:
    """Who was first, as far as the desk's own notes tell."""
    kind = ContentType.objects.get_for_model(type(row))
    notes = LogEntry.objects.filter(content_type=kind, object_id=str(row.pk)).select_related("user")
    note = notes.order_by("-action_time").first()
    end = _("Nothing of yours is saved yet. Please look at it and save again.")
    if note is None:
        return _("Somebody else has changed this since you opened it.") + " " + end
    who, at = note.user.get_username(), _at(note.action_time)
    return _("{who} has changed this at {at}, since you opened it.").format(who=who, at=at) + " " + end


def _at(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M}"
