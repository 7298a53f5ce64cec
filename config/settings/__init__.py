"""Settings of the running mode: PALIER_MODE = demo (default), development, test or production."""

from config import environment

_mode = environment.text("mode", "demo")
if _mode == "production":
    from .prod import *  # noqa: F403
elif _mode == "test":
    from .test import *  # noqa: F403
elif _mode in {"demo", "development"}:
    from .dev import *  # noqa: F403
else:
    raise SystemExit(f"PALIER_MODE={_mode!r}\u00a0: valeur inconnue (demo, development, test ou production).")
