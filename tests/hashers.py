"""A password hasher for tests: the real one with one round, so that a running stack can check what tests have set."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickHasher(PBKDF2PasswordHasher):
    iterations = 1
