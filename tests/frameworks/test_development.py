"""Which command lines are those of development servers, and what follows from it."""

from pathlib import Path

import pytest

from servestatic.frameworks.configure import configure
from servestatic.frameworks.development import is_reloading

# `sys.argv` as servers have it in the process that imports the application, as seen with each of them.
COMMANDS = [
    (["/venv/bin/uvicorn", "app:app", "--reload", "--port", "8000"], True),
    (["/venv/lib/python3.13/site-packages/uvicorn/__main__.py", "app:app", "--reload"], True),
    ([r"C:\venv\Scripts\uvicorn.exe", "app:app", "--reload"], True),
    ([r"C:\venv\Scripts\uvicorn", "--reload", "app:app"], True),
    (["uvicorn", "app:app", "--workers", "2"], False),
    (["uvicorn", "app:app", "--reload-dir", "src"], False),
    (["/venv/bin/fastapi", "dev", "main.py"], True),
    (["/venv/lib/python3.13/site-packages/fastapi/__main__.py", "dev"], True),
    (["/venv/bin/fastapi", "run", "main.py"], False),
    (["/venv/bin/fastapi", "run", "dev"], False),
    (["/venv/bin/fastapi", "run", "--reload"], True),
    (["/venv/bin/hypercorn", "app:app", "--reload"], True),
    (["/venv/bin/granian", "--interface", "asgi", "--reload", "app:app"], True),
    (["/venv/bin/gunicorn", "--reload", "app:app"], True),
    (["manage.py", "import", "--reload"], False),
    (["/home/uvicorn/site.py", "--reload"], False),
    (["", "--reload"], False),
    (["-c"], False),
    ([], False),
]


@pytest.mark.parametrize(("command", "expected"), COMMANDS, ids=[" ".join(command) for command, _ in COMMANDS])
def test_command_lines(command: list[str], expected: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", command)
    assert is_reloading(command) is expected
    assert configure({}).live is expected
    assert configure({"live": False}).live is False
    monkeypatch.setenv("SERVESTATIC_LIVE", "off")
    assert configure({}).live is False
