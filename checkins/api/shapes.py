"""The shapes of the scanners' interface, for its documentation; `checkins.scans` is what reads them."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from checkins.models import Direction, Method
from checkins.scans import SIZE
from registry.format.passcode import Verdict

TOKEN = OpenApiParameter("Authorization", str, "header", required=True, description="`Bearer` and the scanner's token.")
VERDICTS = [verdict.value for verdict in Verdict]


class ScanShape(serializers.Serializer[Any]):
    """One scan, as a scanner saw it."""

    seq = serializers.IntegerField(min_value=1, help_text="The scanner's own number of the scan, never used twice.")
    at = serializers.IntegerField(help_text="When it was seen, in milliseconds since the epoch.")
    verdict = serializers.ChoiceField(VERDICTS, required=False, help_text="Left out only for `hand` without a code.")
    method = serializers.ChoiceField(Method.choices)
    direction = serializers.ChoiceField(Direction.choices)
    admitted = serializers.BooleanField()
    alone = serializers.BooleanField(required=False, help_text="Let in alone, where the category allows it.")
    strip = serializers.CharField(required=False, help_text="base64url. Strip, t and proof for admitted ones only.")
    t = serializers.IntegerField(required=False, help_text="The proof's second. Left out for paper.")
    proof = serializers.CharField(required=False, help_text="base64url, 64 bytes. Left out for paper.")


class BatchShape(serializers.Serializer[Any]):
    scans = ScanShape(many=True, help_text=f"At most {SIZE}.")
    scanner = serializers.IntegerField(required=False, help_text="Where given, the token must be this scanner's.")


class AnswerShape(serializers.Serializer[Any]):
    seq = serializers.IntegerField()
    answer = serializers.ChoiceField(["stored", "known", "refused", "counted"])
    reason = serializers.CharField(
        required=False, help_text="Why it was refused: a verdict of steps 1 to 6, `too_old` or `in_future`."
    )


class AnswersShape(serializers.Serializer[Any]):
    answers = AnswerShape(many=True, help_text="What is answered may be deleted on the scanner.")
    retry = serializers.ListField(
        child=serializers.IntegerField(),
        required=False,
        help_text="Paper passes that cannot be stored just now: keep them and send them again.",
    )


class CodeShape(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="What the scanner read: `MJ1:…`")
    direction = serializers.ChoiceField(Direction.choices, required=False, default=Direction.IN)


class DecisionShape(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(VERDICTS)
    colour = serializers.ChoiceField(["red", "amber", "green", "blue"])
    answer = serializers.ChoiceField(["stored", "known", "counted"])
    alone = serializers.BooleanField(required=False, help_text="NO_PASS, but the guest may sit alone.")
    identity = serializers.BooleanField(required=False, help_text="A paper pass: compare with an identity card.")
    ago = serializers.IntegerField(required=False, help_text="REPEAT: seconds since it was shown before.")
