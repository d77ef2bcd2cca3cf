"""Numbers and words that the daemon and its clients share."""

#: Modes of a worker.
RUN = "RUN"
IDLE = "IDLE"
TERMINATE = "TERMINATE"

#: States of a work unit. No unit is ever blocked; the number is there for programs that name it.
AVAILABLE = 1
BLOCKED = 2
PENDING = 3
FINISHED = 4
FAILED = 5

#: States of a work spec.
RUNNABLE = 1
PAUSED = 2

#: Priorities of work units. Units with the highest go first.
PRI_GENERATED = -1
PRI_STANDARD = 0
PRI_PRIORITY = 1

#: Seconds of a lease: what a claim gets that asks for none, and the bounds.
DEFAULT_LEASE_SECONDS = 300
MIN_LEASE_SECONDS = 1
MAX_LEASE_SECONDS = 24 * 3600

WORK_UNIT_STATUS_BY_NAME = {
    "AVAILABLE": AVAILABLE,
    "BLOCKED": BLOCKED,
    "PENDING": PENDING,
    "FINISHED": FINISHED,
    "FAILED": FAILED,
}
WORK_UNIT_STATUS_NAMES_BY_NUMBER = {number: name for name, number in WORK_UNIT_STATUS_BY_NAME.items()}

WORK_SPEC_STATUS_BY_NAME = {"RUNNABLE": RUNNABLE, "PAUSED": PAUSED}
WORK_SPEC_STATUS_NAMES_BY_NUMBER = {number: name for name, number in WORK_SPEC_STATUS_BY_NAME.items()}
