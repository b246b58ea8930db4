"""One deliberate fault."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Fault:
    tag: str
    file: str
    old: str
    new: str
    test: str
    topology: str = "one"

    @property
    def name(self):
        return f"[MQTT-{self.tag}] {self.file}: {' '.join(self.old.split())}"
