"""`python -m comptoir.cli` is the `comptoir` command."""

import sys

from comptoir.cli import main

sys.exit(main())
