"""The faults, as a piece of code and what takes its place. They are spread over the chapters of the standard; `tag` is
that of a statement which the fault breaks. A piece of code must stand exactly once in its file (a test checks it), so
that a change of the code cannot make a fault disappear."""

from .faults_of_clients import FAULTS as _CLIENTS
from .faults_of_codec import FAULTS as _CODEC
from .faults_of_core import FAULTS as _CORE
from .faults_of_sessions import FAULTS as _SESSIONS

FAULTS = _CODEC + _CORE + _SESSIONS + _CLIENTS
