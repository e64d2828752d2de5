"""The shapes of the scanners' interface, for its documentation; `checkins.scanning.scans` is what reads them."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from checkins.models import Direction, Method, Reason
from checkins.scanning.scans import MAX_PEOPLE, SIZE
from registry.format.passcode import Verdict

TOKEN = OpenApiParameter("Authorization", str, "header", required=True, description="`Bearer` and the scanner's token.")
VERDICTS = [verdict.value for verdict in Verdict]


class ScanShape(serializers.Serializer[Any]):
    """One scan, as a scanner saw it."""

    seq = serializers.IntegerField(min_value=1, help_text="The scanner's own number of the scan, never used twice.")
    at = serializers.IntegerField(help_text="When it was seen, in milliseconds since the epoch.")
    verdict = serializers.ChoiceField(
        VERDICTS, required=False, help_text="Left out only for `hand` and `group` without a code."
    )
    method = serializers.ChoiceField(Method.choices)
    direction = serializers.ChoiceField(Direction.choices)
    admitted = serializers.BooleanField(help_text="Always true for `out`: nobody is kept in.")
    alone = serializers.BooleanField(required=False, help_text="Let in alone, where the category allows it.")
    strip = serializers.CharField(required=False, help_text="base64url. Strip, t and proof for admitted ones only.")
    t = serializers.IntegerField(required=False, help_text="The proof's second. Left out for paper.")
    proof = serializers.CharField(required=False, help_text="base64url, 64 bytes. Left out for paper.")
    reason = serializers.ChoiceField(
        Reason.choices, required=False, help_text="Why by hand; `card`: turned away, as the identity card did not fit."
    )
    safe_number = serializers.CharField(
        required=False,
        max_length=40,
        help_text="In place of a code, with `hand`: `12가34나` as typed. Becomes the day's pseudonym, is not kept.",
    )
    people = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_PEOPLE,
        help_text="With `group`: how many came together, whoever showed the code included.",
    )
    undoes = serializers.IntegerField(
        required=False,
        min_value=1,
        help_text="Takes back the scan of this number of the same scanner, which may have arrived or not. All other "
        "members but `seq` are those of that scan, without the code. Its own number: nothing was ever sent under it.",
    )


class BatchShape(serializers.Serializer[Any]):
    scans = ScanShape(many=True, help_text=f"At most {SIZE}.")
    scanner = serializers.IntegerField(required=False, help_text="Where given, the token must be this scanner's.")


class AnswerShape(serializers.Serializer[Any]):
    seq = serializers.IntegerField()
    answer = serializers.ChoiceField(["stored", "known", "refused", "counted", "undone"])
    reason = serializers.CharField(
        required=False,
        help_text="Why it was refused: a verdict of steps 1 to 6, `too_old`, `in_future`, `unknown_safe_number`, "
        "`ended_safe_number`, or `revoked`: seen after the scanner was revoked.",
    )


class AnswersShape(serializers.Serializer[Any]):
    answers = AnswerShape(many=True, help_text="What is answered may be deleted on the scanner.")
    retry = serializers.ListField(
        child=serializers.IntegerField(),
        required=False,
        help_text="Paper passes and safe numbers that cannot be stored just now: keep them, send them in some minutes.",
    )
    revoked = serializers.BooleanField(
        required=False, help_text="True for a revoked scanner: what it saw before is taken for 28 days."
    )


class CodeShape(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="What the scanner read: `MJ1:…`")
    direction = serializers.ChoiceField(Direction.choices, required=False, default=Direction.IN)
    alone = serializers.BooleanField(
        required=False, help_text="Admit a guest without a valid pass alone, where the category allows it."
    )


class DecisionShape(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(VERDICTS)
    colour = serializers.ChoiceField(["red", "amber", "green", "blue"])
    answer = serializers.ChoiceField(["stored", "known", "counted"])
    alone = serializers.BooleanField(
        required=False, help_text="NO_PASS, but the guest may sit alone: `stored` where that was asked for."
    )
    left = serializers.BooleanField(required=False, help_text="Going out, with any code that can be read.")
    reference = serializers.CharField(required=False, help_text="By which a clerk finds why: `ABCD-2345`.")
    identity = serializers.BooleanField(required=False, help_text="A paper pass: compare with an identity card.")
    ago = serializers.IntegerField(required=False, help_text="REPEAT: seconds since it was shown before.")
