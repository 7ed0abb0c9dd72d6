"""Servers that are forked from one process have their own environment, session and end."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import pytest

from tests.support.servers.template import Template, forkable, server_environment
from tests.support.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="servers are forked on Linux only")

# What a server says of itself: as `python -m timeit`, which runs what it is given.
SAYS = """import json, os, sys, time
print(json.dumps({"pid": os.getpid(), "session": os.getsid(0), "group": os.getpgid(0), "parent": os.getppid(),
  "space": os.environ.get("SPACE_ID"), "blas": os.environ.get("OPENBLAS_NUM_THREADS"), "torch": "torch" in sys.modules,
  "threads": os.listdir("/proc/self/task"), "files": os.listdir("/proc/self/fd")}), flush=True)
time.sleep(600)"""


def said(template: Template, **more: str) -> dict[str, Any]:
    pid, output = template.start("timeit", ["-n1", "-r1", SAYS], server_environment(more))
    with output:
        found: dict[str, Any] = json.loads(output.readline())
    assert found["pid"] == pid
    return found


def test_each_server_is_forked_with_its_own_environment_and_killed_by_itself() -> None:
    template = Template(server_environment({}))
    try:
        one, other = said(template, SPACE_ID="ada/page"), said(template)
        assert [one["space"], other["space"]] == ["ada/page", os.environ.get("SPACE_ID")]
        assert one["parent"] == other["parent"] != os.getpid()
        for server in (one, other):
            assert server["session"] == server["group"] == server["pid"], "a session of its own"
            assert server["torch"] and len(server["threads"]) == 1
            assert server["blas"] == os.environ.get("OPENBLAS_NUM_THREADS")
        template.kill(one["pid"])
        assert not os.path.exists(f"/proc/{one['pid']}") and os.path.exists(f"/proc/{other['pid']}")
        assert len(said(template)["files"]) == len(other["files"]), "no server holds another's output"
    finally:
        template.end()
    until(lambda: not os.path.exists(f"/proc/{other['pid']}"))  # whoever is left ends with it


def test_what_is_read_at_import_is_not_for_a_fork() -> None:
    ours = server_environment({})
    assert forkable(ours, {**ours, "SPACE_ID": "ada/page", "HOME": "/nowhere", "OMP_NUM_THREADS": "1"})
    for name in ("GRADIO_TEMP_DIR", "HF_HUB_OFFLINE", "SPACES_ZERO_GPU", "GRADIO_SERVER_NAME"):
        assert not forkable(ours, {**ours, name: "another"}), name
