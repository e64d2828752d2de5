"""A process does what is done once before it serves."""

import pytest

from config import warming


@pytest.mark.django_db(transaction=True)  # the end of a request closes its connection
def test_it_asks_for_pages_that_are_there_and_keeps_no_connection():
    from django.core.wsgi import get_wsgi_application

    answers = []
    application = get_wsgi_application()

    def noting(environ, start):
        return application(environ, lambda status, *more: (answers.append(status), start(status, *more)))

    warming.warm(noting)
    assert answers == ["200 OK"] * 2 * len(warming.PAGES)


def test_it_lets_a_process_serve_that_could_not_warm(caplog):
    def broken(environ, start):
        raise RuntimeError("not yet")

    warming.warm(broken)
    assert "warming /pass/" in caplog.text
