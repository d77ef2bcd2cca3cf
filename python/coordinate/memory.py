"""The memory of this machine and of processes, as far as the system tells."""

from __future__ import annotations

import os
from typing import Optional


def total_bytes() -> int:
    """All memory of the machine; 0 if the system does not say."""
    return _pages("SC_PHYS_PAGES")


def available_bytes() -> int:
    """What programs could have of it now; 0 if the system does not say."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            for line in lines:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return _pages("SC_AVPHYS_PAGES")


def resident_bytes(pid: int) -> Optional[int]:
    """What a process has in memory; None if the system does not say."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None


def _pages(name: str) -> int:
    try:
        return max(0, os.sysconf(name)) * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return 0
