"""The backend that settings name: Django's own, whose pool is told when a connection was made."""

from typing import Any

from django.db.backends.postgresql import base

from config.postgresql.pool import calm


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        calm(self.pool)
        return connection
