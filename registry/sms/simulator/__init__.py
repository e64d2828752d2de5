"""An SMS provider for the demo and the tests: a real HTTP server that keeps messages in memory and shows them.

It speaks the protocol of the generic HTTP gateway (docs/sms.md) and can be told to fail, hang or lag. No Django in it.
"""
