"""A Secret Service that takes every call and answers none, like one whose prompt is open behind
all other windows. Prints a line for each call."""

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib


def swallow(_connection, message, incoming):
    interface = message.get_interface() or ""
    asked = message.get_message_type() == Gio.DBusMessageType.METHOD_CALL
    if incoming and asked and interface != "org.freedesktop.DBus.Peer":
        print(message.get_member(), flush=True)
        return None
    return message


bus = Gio.bus_get_sync(Gio.BusType.SESSION)
bus.add_filter(swallow)
Gio.bus_own_name_on_connection(bus, "org.freedesktop.secrets", Gio.BusNameOwnerFlags.NONE)
GLib.MainLoop().run()
