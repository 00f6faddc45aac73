"""Finds something in the accessibility tree: role, beginning of its name, "focused" or "".

Prints its place on the screen as JSON; exits 1 when it is not there.
"""
import json
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi

role, name, focused = sys.argv[1:4]


def matches(node):
    states = node.get_state_set()
    if node.get_role_name() != role or not (node.get_name() or "").startswith(name):
        return False
    if focused and not states.contains(Atspi.StateType.FOCUSED):
        return False
    return states.contains(Atspi.StateType.SHOWING)


def find(node, depth=0):
    if node is None or depth > 60:
        return None
    try:
        if matches(node):
            return node
        children = [node.get_child_at_index(i) for i in range(node.get_child_count())]
    except Exception:  # the tree changes while it is read
        return None
    for child in children:
        found = find(child, depth + 1)
        if found is not None:
            return found
    return None


if "--list" == role:
    def show(node, depth=0):
        if node is None:
            return
        print("  " * depth + node.get_role_name(), repr(node.get_name()))
        for i in range(node.get_child_count()):
            show(node.get_child_at_index(i), depth + 1)
    show(Atspi.get_desktop(0))
    sys.exit(0)

node = find(Atspi.get_desktop(0))
if node is None:
    sys.exit(1)
box = node.get_extents(Atspi.CoordType.SCREEN)
print(json.dumps({"x": box.x, "y": box.y, "width": box.width, "height": box.height}))
