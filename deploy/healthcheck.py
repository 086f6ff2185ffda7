"""End with status 0 if the service of this container answers, and say why not otherwise.

python healthcheck.py [PORT]
"""

from __future__ import annotations

import os
import ssl
import sys
from urllib.error import URLError
from urllib.request import urlopen

SECONDS = 3.0


def main() -> int:
    """Ask `/health`, over HTTPS where the service has a certificate."""
    port = sys.argv[1] if len(sys.argv) > 1 else "8080"
    secure = "CHURNLAB_TLS_CERTIFICATE" in os.environ
    context = ssl.create_default_context()
    # The certificate bears the public name, and here a container asks itself.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    url = f"{'https' if secure else 'http'}://127.0.0.1:{port}/health"
    try:
        with urlopen(url, timeout=SECONDS, context=context):
            return 0
    except (URLError, OSError) as error:
        sys.stderr.write(f"{url}: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
