"""Running a function of tests/bench inside the panel: with its settings, in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.servers.panel import Panel
from tests.servers.processes import ServerError

_START = """
import importlib, json, sys, django
django.setup()
asked = json.load(sys.stdin)
module, name = asked["function"].split(":")
answer = getattr(importlib.import_module(f"tests.bench.{module}"), name)(**asked["arguments"])
json.dump(answer, open(3, "w"))
"""


def inside(panel: Panel, function: str, **arguments: Any) -> Any:
    """Call `module:function` of tests/bench there; arguments and answer are JSON."""
    env = panel.env | {"DJANGO_SETTINGS_MODULE": "mailadmin.settings", "PYTHONPATH": str(Path(__file__).parents[2])}
    answer = panel.dir / "answer.json"
    # The third file is the answer: whatever is printed stays apart.
    command = f'exec 3>"{answer}"; exec "{sys.executable}" -c \'{_START}\''
    asked = json.dumps({"function": function, "arguments": arguments})
    done = subprocess.run(["bash", "-c", command], env=env, input=asked, text=True, capture_output=True)
    if done.returncode:
        raise ServerError(f"{function}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return json.loads(answer.read_text())
