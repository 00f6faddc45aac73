"""Finds something in the accessibility tree, as a screen reader does.

Arguments: application, role, beginning of its name, "focused" or "". Prints its place on the
screen as JSON; exits 1 when it is not there.
"""
import json
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi

application, role, name, focused = sys.argv[1:5]


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


desktop = Atspi.get_desktop(0)
applications = [desktop.get_child_at_index(i) for i in range(desktop.get_child_count())]
for candidate in applications:
    if candidate is None or candidate.get_name() != application:
        continue
    node = find(candidate)
    if node is not None:
        box = node.get_extents(Atspi.CoordType.SCREEN)
        print(json.dumps({"x": box.x, "y": box.y, "width": box.width, "height": box.height}))
        sys.exit(0)
sys.exit(1)
