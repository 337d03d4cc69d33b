"""Faults on purpose: senders killed, servers that misbehave, and an independent log of what arrived."""
