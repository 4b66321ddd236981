"""The settings of every web process, with one page more, that does nothing."""

from comptoir.config import settings

globals().update({name: value for name, value in vars(settings).items() if name.isupper()})
ROOT_URLCONF = "comptoir.bench.web_urls"
