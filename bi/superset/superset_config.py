"""Superset on one machine: its own small database, secrets made here, nothing sent anywhere.

`start.py` writes what this reads into the data directory.
"""

from __future__ import annotations

import logging
import os
import warnings
from copy import deepcopy
from pathlib import Path

from superset.config import TALISMAN_CONFIG as SHIPPED

HOME = Path(os.environ["SUPERSET_HOME"])

SECRET_KEY = (HOME / "secret_key").read_text(encoding="utf-8")
SQLALCHEMY_DATABASE_URI = f"sqlite:///{HOME / 'superset.db'}"
# Every chart asks the published file anew, so that it shows the night that was published last.
CACHE_CONFIG = DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}

# Where to log in would drown in what the libraries say of themselves.
LOG_LEVEL = logging.ERROR
warnings.simplefilter("ignore")

# Pages may load nothing from elsewhere: no maps, no fonts, no counting of visitors.
TALISMAN_CONFIG = deepcopy(SHIPPED)
for kind in ("img-src", "connect-src", "style-src", "font-src"):
    allowed = TALISMAN_CONFIG["content_security_policy"][kind]
    TALISMAN_CONFIG["content_security_policy"][kind] = [
        source for source in allowed if source.startswith("'") or source in ("data:", "blob:")
    ]
