"""nginx with one worker and brotli_static, as Debian configures it but for the logs: what to compare with."""

import os
import shutil
from pathlib import Path

from benchmarks.lib.chrome import NOWHERE
from benchmarks.serve.tree import PEERS, PLACE

_MODULE = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
_CONFIGURATION = """\
load_module {module};
{user}
daemon off;
worker_processes 1;
pid {place}/pid;
error_log {place}/error.log error;
events {{ worker_connections 768; }}
http {{
    types {{ application/javascript js; image/png png; image/jpeg jpg; video/mp4 mp4; }}
    sendfile on;
    tcp_nopush on;
    access_log off;
    keepalive_requests 100000000;
    client_body_temp_path {place}; proxy_temp_path {place}; fastcgi_temp_path {place};
    uwsgi_temp_path {place}; scgi_temp_path {place};
    server {{
        listen 127.0.0.1:{port};
        location /static/ {{
            alias {files}/;
            brotli_static on;
            gzip_static on;
            add_header Cache-Control "max-age=31536000, immutable";
            add_header Vary Accept-Encoding;
        }}
        location {nowhere} {{ default_type text/plain; return 200 "the application\\n"; }}
    }}
}}
"""


def find_nginx() -> str:
    """Return nginx, "" where it or its brotli module is not installed."""
    return (shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or "") if _MODULE.is_file() else ""


def write_command(port: int) -> list[str | Path]:
    """Write a configuration, and return the command that serves by it."""
    place = PLACE / "nginx"
    place.mkdir(parents=True, exist_ok=True)
    file = place / "nginx.conf"
    values = {"module": _MODULE, "place": place, "port": port, "files": PEERS, "nowhere": NOWHERE}
    user = "user root;" if os.geteuid() == 0 else ""  # the files may be where only root can read
    file.write_text(_CONFIGURATION.format(user=user, **values), "utf-8")
    return [find_nginx(), "-c", str(file), "-e", str(place / "error.log")]
