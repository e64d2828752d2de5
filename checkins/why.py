"""What a refusal means and what the guest can do about it, in words for clerks and owners."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from checkins.models import HourCountQuerySet, Reason, Refusal
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
        _("Pass taken back"),
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


def of(refusal: Refusal) -> Words:
    """The words for a refusal."""
    if refusal.reason == Reason.CARD:
        return CARD
    return WORDS.get(refusal.verdict, AT_THE_DOOR)


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
