"""What every test may rely on: no store but one that it asks for, no settings from the environment of the machine."""

import os

for _name in [name for name in os.environ if name.startswith("SERVESTATIC_")]:
    del os.environ[_name]
os.environ["SERVESTATIC_STORE"] = "none"
