"""Serve the demo's products: `python -m comptoir.demo.product PORT`; COMPTOIR_PRODUCTS names their registrations."""

import os
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


def main(port: int) -> None:
    """Serve until ended."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "comptoir.demo.product.settings"
    from django.core.wsgi import get_wsgi_application

    pages = get_wsgi_application()
    make_server("127.0.0.1", port, pages, server_class=_Server, handler_class=WSGIRequestHandler).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
