"""Mails go by SMTP, and in the demo arrive beside the SMS on the simulator's page."""

from datetime import timedelta

import pytest
from django.utils import timezone

from config.local.embedded import free_port
from registry import mail
from registry.models import Mail
from registry.sms.simulator import mail as simulator_mail
from registry.sms.simulator.page import fragment
from registry.sms.simulator.store import Store

pytestmark = pytest.mark.django_db


@pytest.fixture
def store(settings):
    store, port = Store(), free_port()
    server = simulator_mail.start(port, store)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield store
    server.stop()


def test_it_arrives_at_the_simulator_with_its_link(store):
    text = "링크를 여세요:\n\nhttps://munjigi.example/admin/join/abc_DEF-1/\n"
    mail.enqueue("new@agency.example", "[문지기] 안내", text, useful_for=timedelta(hours=1), now=timezone.now())
    assert mail.sweep(timezone.now()) == 1
    [message] = store.newest_first("new@agency.example")
    assert message.provider == "mail" and message.text.startswith("[문지기] 안내") and "링크를 여세요" in message.text
    link = "https://munjigi.example/admin/join/abc_DEF-1/"
    assert f'<a href="{link}">{link}</a>' in fragment([message])
    assert store.newest_first("01000001234") == []
    assert Mail.objects.get().text == ""


def test_it_waits_while_the_server_is_away_and_is_sent_once_it_is_back(store, settings):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    now = timezone.now()
    mail.enqueue("new@agency.example", "x", "text", useful_for=timedelta(hours=1), now=now)
    assert mail.sweep(now) == 0 and mail.sweep(now + timedelta(seconds=5)) == 0
    waiting = Mail.objects.get()
    assert (waiting.tries, waiting.text, waiting.sent_at) == (1, "text", None)
    settings.EMAIL_PORT = port
    assert mail.sweep(now + timedelta(minutes=1)) == 1
    assert len(store.newest_first()) == 1
