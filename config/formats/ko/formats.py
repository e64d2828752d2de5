"""Dates and times as Korean offices write them; Django's own put the half of the day behind the hour."""

DATE_FORMAT = "Y년 n월 j일"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "Y년 n월 j일 H:i"
SHORT_DATE_FORMAT = "Y-n-j."
SHORT_DATETIME_FORMAT = "Y-n-j H:i"
