"""The script that is asked for, as ours serves it, and as a peer's collectstatic and a compressor leave it."""

from typing import Any, NamedTuple

from benchmarks.lib.chrome import NOWHERE
from benchmarks.lib.environments import CACHE
from benchmarks.lib.files import make_script, write_collected
from servestatic import collect

LENGTH = 16 * 1024  # bytes of the script; a quarter of it in brotli


class Tree(NamedTuple):
    """What is served: `ours` has the source alone, `peers` its fingerprinted name and codings too."""

    ours: str
    peers: str
    paths: dict[str, str]

    def question(self, group: str) -> dict[str, Any]:
        """Return the first question to a worker."""
        directory = self.ours if group == "ours" else self.peers
        return {"group": group, "directory": directory, "paths": self.paths}


def make_tree() -> Tree:
    """Write the script; a peer finds the very bytes that we make."""
    ours, peers = CACHE / "respond" / "ours", CACHE / "respond" / "peers"
    data = make_script(300, LENGTH)
    ours.mkdir(parents=True, exist_ok=True)
    (ours / "app.js").write_bytes(data)
    name = collect(ours, store="none").path("app.js")
    write_collected(peers, ("app.js", name), data, compressible=True)
    paths = {"fingerprinted": f"/static/{name}", "plain": "/static/app.js", "nowhere": NOWHERE}
    return Tree(str(ours), str(peers), paths)
