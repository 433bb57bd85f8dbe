# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Runs many commands of cim in one process, cim_session.cpp."""
import os
import subprocess
import tempfile
import threading


class Session:
    """Replaces subprocess.run(). A command that ends the process, by a crash or a sanitizer's
    finding, has an exit status that commands never have; the next one gets a new process."""

    def __init__(self, program):
        self.program = program
        self.process = None
        self.reports = tempfile.TemporaryFile()

    def run(self, words, timeout) -> subprocess.CompletedProcess:
        if self.process is None:
            self.process = subprocess.Popen([self.program], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=self.reports)
        overdue = threading.Event()
        alarm = threading.Timer(timeout, lambda: (overdue.set(), self.process.kill()))
        alarm.start()
        try:
            result = self.answer([os.fsencode(word) for word in words])
        finally:
            alarm.cancel()
        if overdue.is_set():
            raise subprocess.TimeoutExpired(words, timeout)
        return result

    def answer(self, words):
        try:
            self.process.stdin.write(b"%d\n" % len(words) + b"".join(w + b"\0" for w in words))
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # the end of its output says why
        head = self.process.stdout.readline().split()
        if len(head) != 3:
            status, report = self.end()
            return subprocess.CompletedProcess(words, -abs(status) or -1, b"", report)
        status, output, errors = map(int, head)
        return subprocess.CompletedProcess(words, status, self.process.stdout.read(output),
                                           self.process.stdout.read(errors))

    def end(self):
        """Ends the process. Returns its exit status and standard error, such as leaks."""
        if self.process is None:
            return 0, b""
        self.process.stdin.close()
        self.process.stdout.close()
        status = self.process.wait(timeout=120)
        self.process = None
        self.reports.seek(0)
        report = self.reports.read()
        self.reports.seek(0)
        self.reports.truncate()
        return status, report
