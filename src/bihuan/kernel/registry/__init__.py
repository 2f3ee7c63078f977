"""What apps say of themselves, once: events with their words, streams with their proofs, duties, panels, menus, metrics.

Every app has one `face.py` whose `register()` is called when it is ready. This room names no app.
"""
