"""Three SMS providers for the demo, the tests and the drills: a real HTTP server that keeps messages in memory and
shows them.

It speaks the protocols of the generic provider, of Twilio and of SOLAPI, sends signed receipts, and can be told to
fail, hang or lag (docs/sms.md). No Django in it.
"""
