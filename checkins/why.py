"""Why somebody was not let in, why somebody was by hand, why we did not take a scan: in words for clerks and owners."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from checkins.counts import is_refusal
from checkins.models import DeadLetter, HourCountQuerySet, Reason, Refusal
from registry.format.passcode import Verdict


@dataclass(frozen=True, slots=True)
class Words:
    """`short` as in a list; what it `means`; what the guest `can` do."""

    short: Any
    means: Any
    can: Any


_AGAIN = _("Open the pass again and show it once more. This was no refusal for good.")

WORDS: dict[str, Words] = {
    Verdict.NO_PASS: Words(
        _("No valid pass"),
        _("The code was good, but its holder had no valid pass on that day, and the category asks for one."),
        _("Look at “My information” in the pass: it says which record counts until when. Ask for a correction there."),
    ),
    Verdict.REVOKED: Words(
        pgettext_lazy("verdict", "Pass revoked"),
        _("The pass on this phone was made void: on another phone since, withdrawn, lost, or ended by a clerk."),
        _("Open the pass with network and renew it, or check the number again. A clerk sees why at the person’s page."),
    ),
    Verdict.FORGED: Words(
        _("Code not genuine"),
        _("The signature does not fit: the code was changed, copied from a picture, or made by somebody else."),
        _("Show the code on the phone that the pass is on. Where that fails again, come to a counter with the phone."),
    ),
    Verdict.MALFORMED: Words(
        _("Not one of our codes"),
        _("What was shown is no code of the pass, or it was damaged or covered."),
        _("Open the Munjigi pass, make the screen brighter, and show its code."),
    ),
    Verdict.UNKNOWN_KEY: Words(
        _("The scanner did not know the signature"),
        _("The scanner had been without network and lacked the agency’s newest keys. The guest did nothing wrong."),
        _("Show it again once the scanner had network, or come in by hand with another proof."),
    ),
    Verdict.NOT_YET: Words(_("Code of a later day"), _("The code was for a later day, or a clock was wrong."), _AGAIN),
    Verdict.EXPIRED: Words(_("Code of an earlier day"), _("The code was of an earlier day: an old screen."), _AGAIN),
    Verdict.STALE: Words(
        _("Code not renewed"),
        _("The code was older than 30 seconds: a picture of it, or a phone whose page had stopped."),
        _AGAIN,
    ),
    Verdict.REPEAT: Words(
        _("Shown before"),
        _("The same pass had been let in at this door less than ten minutes before. The visit is in the log."),
        _("Nothing: whoever has been let in is in. Each guest shows a pass of their own."),
    ),
    Verdict.OUTDATED: Words(
        _("Pass from before a change of the rules"),
        _("The pass was made under a policy that is no longer accepted."),
        _("Open the pass once with network: it renews itself."),
    ),
}
CARD = Words(
    _("The identity card did not fit"),
    _("A paper pass was shown, and the name or year of birth on the identity card was another."),
    _("Bring the identity card that belongs to the pass, or have a new paper pass printed at a counter."),
)
AT_THE_DOOR = Words(
    _("Decided at the door"), _("The staff did not let the guest in, whatever the scanner said."), _("Ask the venue.")
)

NOTHING_SHOWN = _("Nothing shown")
GOOD: dict[str, Any] = {
    Verdict.PASS: pgettext_lazy("verdict", "Valid pass"),
    Verdict.ENTRY: pgettext_lazy("verdict", "Good code, no pass asked for"),
}

# Why we refused a scan, for those who cannot look into a code.
LETTERS = {
    "MALFORMED": _("It was not one of our codes."),
    "UNKNOWN_KEY": _("It was signed by a key that we do not know."),
    "FORGED": _("Its signature does not fit: it was not made by us."),
    "NOT_YET": _("It was shown before its day."),
    "EXPIRED": _("It was shown after its end."),
    "STALE": _("The code was older than 30 seconds, a picture of one perhaps."),
    "too_old": _("It arrived more than 28 days later, when nothing of that day may be kept any more."),
    "in_future": _("Its time lay in the future. Set the clock of the device."),
    "revoked": _("It was scanned after the scanner had been revoked."),
    "unknown_safe_number": _("Nobody has the safe number that was typed."),
    "ended_safe_number": _("The safe number that was typed had ended before: the phone number changed hands."),
}
OTHER_LETTER = pgettext_lazy("refused scan", "For another reason (%(code)s). Ask the agency.")


SHORT = {"": "", **GOOD, **{verdict: words.short for verdict, words in WORDS.items()}}


def of(refusal: Refusal) -> Words:
    """The words for a refusal."""
    if refusal.reason == Reason.CARD:
        return CARD
    return WORDS.get(refusal.verdict, AT_THE_DOOR)


def in_words(verdict: str) -> str:
    """A verdict as in a list; nothing where no code was shown."""
    return str(SHORT.get(verdict, AT_THE_DOOR.short))


def by_reason(refusals: list[Refusal]) -> list[tuple[Words, list[Refusal]]]:
    """Refusals by why, most first, each group newest first as it came."""
    groups: dict[Words, list[Refusal]] = {}
    for refusal in refusals:
        groups.setdefault(of(refusal), []).append(refusal)
    return sorted(groups.items(), key=lambda group: -len(group[1]))


def by_hand(counts: HourCountQuerySet) -> list[tuple[str, int]]:
    """Why people were let in by hand, in words, and how many, most first."""
    words: dict[str, Any] = dict(Reason.choices) | {"": _("No reason given")}
    return [(str(words.get(row["reason"], row["reason"])), row["people"]) for row in counts.by_reason()]


def turned_away(counts: Mapping[str, int]) -> dict[str, Any]:
    """Who was not let in, from numbers by verdict, in words, most first: `refused` for red verdicts, `again` for all
    others, for amber is never a refusal: the code was to be shown again. `total` is of the red ones."""
    refused: Counter[str] = Counter()
    again: Counter[str] = Counter()
    for verdict, people in counts.items():
        words = WORDS.get(verdict, AT_THE_DOOR).short if verdict else NOTHING_SHOWN
        (refused if is_refusal(verdict) else again)[str(words)] += people
    return {"refused": _most_first(refused), "again": _most_first(again), "total": refused.total()}


def _most_first(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda row: (-row[1], row[0]))


def of_letter(letter: DeadLetter) -> str:
    """Why a scan was refused."""
    return str(LETTERS.get(letter.reason) or OTHER_LETTER % {"code": letter.reason})
