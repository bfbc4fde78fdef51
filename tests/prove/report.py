"""What `make prove` showed, kept in docs/proof.md: a section for each subject, and the machine."""

import os
import platform
import re
from pathlib import Path

from tests.servers.panel import ROOT

PROOF = Path(ROOT) / "docs" / "proof.md"
HEAD = """# What `make prove` showed

The long tests write their results here; each section is of the last run that came to its end.
"""


def machine() -> str:
    """Return the processor, the number of cores and the memory, without names or dates."""
    cpuinfo = Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", cpuinfo)
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    name = model.group(1) if model else platform.machine()
    size = round(int(memory.group(1)) / 1024**2) if memory else 0
    return f"{os.cpu_count()} cores of {name}, {size} GB of memory, Python {platform.python_version()}"


def write_section(title: str, text: str) -> None:
    """Write a section, in place of the one of that title."""
    before = PROOF.read_text() if PROOF.exists() else HEAD
    parts = re.split(r"(?m)^(?=## )", before)
    section = f"## {title}\n\n{text.strip()}\n\nMachine: {machine()}.\n\n"
    kept = [part.rstrip("\n") + "\n\n" for part in parts if not part.startswith(f"## {title}\n")]
    PROOF.write_text("".join([*kept, section]).rstrip("\n") + "\n")
