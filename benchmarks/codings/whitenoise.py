"""WhiteNoise's own compressor, in the peers' environment: `python -m benchmarks.codings.whitenoise FOLDER`."""

import json
import sys
import time
from importlib import import_module
from pathlib import Path


def main() -> None:
    """Compress every file with WhiteNoise's defaults; print how many files and bytes it wrote, and in how long."""
    folder = Path(sys.argv[1])
    compressor = import_module("whitenoise.compress").Compressor(quiet=True)
    started = time.process_time()
    for path in sorted(folder.iterdir()):
        if compressor.should_compress(path.name):
            compressor.compress(str(path))
    seconds = time.process_time() - started
    written = {kind: [path.stat().st_size for path in folder.glob(f"*{kind}")] for kind in (".br", ".gz")}
    print(json.dumps({"seconds": seconds} | {kind: [len(sizes), sum(sizes)] for kind, sizes in written.items()}))


if __name__ == "__main__":
    main()
