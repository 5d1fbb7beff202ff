#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""virt-manager with a screen, a session bus and a home of its own: virt_manager.py HOME URI. Its windows are read and
used by what assistive technology gets of them. Does one order a line of standard input, answers each with a line of
JSON: {"ok": what was seen} or {"failed": why, "seen": the windows' text}."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time

import gi

gi.require_version("Atspi", "2.0")
gi.require_version("Gdk", "3.0")
from gi.repository import Atspi, Gdk, GLib  # noqa: E402

SCALE = float(os.environ.get("TIMEOUT_SCALE", "1"))


def children(node):
    return [c for c in (node.get_child_at_index(i) for i in range(node.get_child_count())) if c]


def shown(node):
    return node.get_state_set().contains(Atspi.StateType.SHOWING)


def below(node):
    """Everything in a window that can be seen; what disappears meanwhile is left out."""
    try:
        yield node
        inside = children(node)
    except GLib.Error:
        return
    for child in inside:
        yield from below(child)


def text_of(node):
    """A terminal's lines; of anything else the name, which is a cell's text."""
    if node.get_role() == Atspi.Role.TERMINAL:
        return Atspi.Text.get_text(node, 0, Atspi.Text.get_character_count(node))
    return node.get_name()


class Window:
    def windows(self):
        for app in children(Atspi.get_desktop(0)):
            if app.get_name() == "virt-manager":
                yield from (w for w in children(app) if shown(w))

    def seen(self):
        """(role, text, node) of all that has a text, everywhere."""
        for node in (n for w in self.windows() for n in below(w)):
            try:
                if shown(node) and text_of(node):
                    yield node.get_role_name(), text_of(node), node
            except GLib.Error:
                pass

    def find(self, seconds, role, text, sensitive=False):
        """Wait for what has that role and begins with that text."""
        end = time.monotonic() + seconds * SCALE
        while True:
            for kind, name, node in self.seen():
                if kind == role and name.startswith(text) and \
                        (not sensitive or node.get_state_set().contains(Atspi.StateType.SENSITIVE)):
                    return node
            if time.monotonic() > end:
                raise LookupError(f"no {role} {text!r}")
            time.sleep(0.5)

    def row(self, name, state):
        """The guest of that name in the list has that state."""
        return text_of(self.find(300, "table cell", f"{name}\n{state}"))

    def select(self, name):
        """That guest's line in the list is the chosen one."""
        cell = self.find(60, "table cell", f"{name}\n")
        table = cell
        while table.get_role() != Atspi.Role.TREE_TABLE:
            table = table.get_parent()
        lines = Atspi.Table.get_n_rows(table)
        for line in range(lines):
            at = [Atspi.Table.get_accessible_at(table, line, c) for c in range(Atspi.Table.get_n_columns(table))]
            if any(n.get_name().startswith(f"{name}\n") for c in at for n in below(c)):
                Atspi.Table.add_row_selection(table, line)
                return line
        raise LookupError(f"no line of {name}")

    def do(self, role, text, action="click"):
        """A button pressed, a menu's entry taken, a line of the list opened (activate)."""
        node = self.find(60, role, text, sensitive=True)
        names = [Atspi.Action.get_action_name(node, i) for i in range(Atspi.Action.get_n_actions(node))]
        return Atspi.Action.do_action(node, names.index(action))

    def terminal(self, text):
        """A terminal shows that text. Its lines."""
        end = time.monotonic() + 300 * SCALE
        while True:
            lines = [t for role, t, _ in self.seen() if role == "terminal"]
            if any(text in t for t in lines):
                return lines
            if time.monotonic() > end:
                raise LookupError(f"no {text!r} in a terminal")
            time.sleep(1)

    def all(self):
        return [f"{role} {text!r}" for role, text, _ in self.seen()]

    def picture(self, file):
        time.sleep(1)  # what was read may not have been drawn
        screen = Gdk.get_default_root_window()
        Gdk.pixbuf_get_from_window(screen, 0, 0, screen.get_width(), screen.get_height()).savev(file, "png", [], [])
        return file


def on_screen(home, uri):
    with open(f"{home}/virt-manager.log", "wb") as log:
        child = subprocess.Popen(["virt-manager", "--no-fork", "--debug", "-c", uri], stdin=subprocess.DEVNULL,
                                 stdout=log, stderr=log)
    window = Window()
    try:
        for line in sys.stdin:
            order, *words = shlex.split(line)
            try:
                answer = {"ok": getattr(window, order)(*words)}
            except (LookupError, ValueError, GLib.Error) as e:
                answer = {"failed": str(e), "seen": window.all(), "ended": child.poll()}
            os.write(3, json.dumps(answer).encode() + b"\n")
    finally:
        child.kill()
        child.wait()


def main():
    home, uri = sys.argv[1:3]
    if sys.argv[3:]:
        on_screen(home, uri)
        return
    # Nothing of who runs the test is used: no settings, keys, displays or buses.
    env = {"PATH": f"{home}/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": home, "LANG": "C.UTF-8", "USER": "root",
           "XDG_RUNTIME_DIR": f"{home}/run", "GSETTINGS_BACKEND": "memory",
           "TIMEOUT_SCALE": str(SCALE)}
    for kind in ("config", "cache", "data", "state"):
        env[f"XDG_{kind.upper()}_HOME"] = f"{home}/{kind}"
    os.makedirs(f"{home}/run", mode=0o700, exist_ok=True)
    out = os.dup(1)
    got, told = os.pipe()
    with open(f"{home}/screen.log", "wb") as log:
        screen = subprocess.Popen(["Xvfb", "-displayfd", str(told), "-screen", "0", "1024x768x24", "-nolisten", "tcp"],
                                  pass_fds=(told,), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env)
        os.close(told)
        session = None
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: sys.exit(1))
        try:
            env["DISPLAY"] = f":{os.read(got, 16).decode().strip()}"
            os.dup2(out, 3)  # answers; what libraries print goes to the log
            session = subprocess.Popen(["dbus-run-session", "--", sys.executable, "-B", *sys.argv, "on-screen"],
                                       stdout=log, stderr=log, env=env, pass_fds=(3,))
            session.wait()
        finally:
            if session and session.poll() is None:
                session.terminate()
                session.wait()
            screen.kill()
            screen.wait()


if __name__ == "__main__":
    main()
