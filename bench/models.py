"""The row that the floor of `bench.scan` inserts: what a plain DRF application would keep of a scan."""

from django.db import models


class PlainEntry(models.Model):
    code = models.TextField()
    seen_at = models.DateTimeField()
    user_id = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.pk)
