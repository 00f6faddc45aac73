"""A Secret Service that takes every call and answers none, like one whose prompt is open behind
all other windows. Waits for its turn on the bus; says when it does, and each call."""

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib

BUS = "org.freedesktop.DBus"


def swallow(_connection, message, incoming):
    if not incoming or message.get_message_type() != Gio.DBusMessageType.METHOD_CALL:
        return message
    print(message.get_member(), flush=True)
    return None


bus = Gio.bus_get_sync(Gio.BusType.SESSION)
bus.add_filter(swallow)
name = GLib.Variant("(su)", ("org.freedesktop.secrets", 0))
bus.call_sync(BUS, "/org/freedesktop/DBus", BUS, "RequestName", name, None, 0, -1)
print("waiting", flush=True)
GLib.MainLoop().run()
