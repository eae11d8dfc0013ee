"""Runs a command on a terminal of its own: signals it once it has printed a word, waits for another, and takes the terminal away.

Usage: terminal.py FIRST SIGNAL SECOND COMMAND...; prints the signal that ended the command, or its exit code.
"""
import os
import pty
import signal
import sys

first, name, second, *command = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(command[0], command)

shown = b""
while first.encode() not in shown:
    shown += os.read(terminal, 4096)
os.kill(pid, getattr(signal, name))
while second.encode() not in shown:
    shown += os.read(terminal, 4096)
os.close(terminal)
_, status = os.waitpid(pid, 0)
print(signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
