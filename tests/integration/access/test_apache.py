"""The single sign-on with a client that nobody here wrote: Debian's Apache with mod_auth_openidc.

Its packages are fetched and unpacked into pytest's cache, where apt can; nothing is installed. Elsewhere the test says
why it is skipped.
"""

import platform
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from comptoir.access.clients import register_client
from tests.factories import TESTS
from tests.integration.stripe_sandbox.conftest import free_port
from tests.running import work

from .conftest import Browser, Office

PACKAGES = ("apache2-bin", "libapache2-mod-auth-openidc")
CONFIGURATION = """
ServerName localhost
ServerRoot {here}
DocumentRoot {here}
PidFile {here}/pid
ErrorLog {here}/error.log
Listen 127.0.0.1:{port}
User nobody
Group nogroup
{modules}
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client_id}
OIDCClientSecret {secret}
OIDCRedirectURI http://localhost:{port}/callback
OIDCCryptoPassphrase of-this-test-alone
OIDCPKCEMethod S256
OIDCScope "openid profile email"
<Location />
    AuthType openid-connect
    Require valid-user
    Header set X-Company "%{{OIDC_CLAIM_company_name}}e"
    Header set X-Standing "%{{OIDC_CLAIM_standing}}e"
</Location>
"""
LIBRARY_LACKS = re.compile(r"\blib[^/\s]+: cannot open shared object file")
MODULES = ("mpm_event", "authn_core", "authz_core", "authz_user", "headers", "auth_openidc")


def missing_libraries() -> list[str]:
    """Return the libraries that the packages need and this machine lacks; each Debian calls them otherwise."""
    asked = ["apt-cache", "depends", "--no-recommends", "--no-suggests", "--no-conflicts", "--no-breaks", *PACKAGES]
    named = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    found = sorted(set(re.findall(r"^  Depends: (lib\S+)$", named, re.MULTILINE)))
    here = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *found],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.splitlines()
    return [library for library in found if f"{library} installed" not in here]


@pytest.fixture
def unpacked(request: pytest.FixtureRequest) -> Path:
    """Where Apache is."""
    root = request.config.rootpath / ".pytest_cache" / "d" / "apache"
    if not (root / "usr/sbin/apache2").exists():
        if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
            pytest.skip("there is no apt here to fetch Apache and mod_auth_openidc with")
        root.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root.parent) as name:
            fetch(Path(name))
            shutil.rmtree(root, ignore_errors=True)  # what an earlier run may have left half done
            (Path(name) / "unpacked").rename(root)  # there whole, or not at all
    return root


def fetch(folder: Path) -> None:
    """Fetch the packages into a folder, and unpack them below it; skip the test where no mirror gives them."""
    wanted = ["apt-get", "download", *PACKAGES, *missing_libraries()]
    try:
        fetched = subprocess.run(wanted, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    except subprocess.TimeoutExpired:
        pytest.skip("Apache and mod_auth_openidc cannot be fetched: the mirror does not answer")
    if fetched.returncode:
        pytest.skip(f"Apache and mod_auth_openidc cannot be fetched: {fetched.stderr[-200:]}")
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", package, folder / "unpacked"], check=True)


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory of Apache's own, which its workers, nobody at all, may enter: pytest's they may not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def apache(office: Office, unpacked: Path, home: Path) -> Iterator[str]:
    """Apache, in front of a page, a client of the single sign-on; its address."""
    port = free_port()
    where = f"http://localhost:{port}"
    made = register_client(
        vendor_id=office.vendor.id,
        product_code=office.product.code,
        redirect_uris=[f"{where}/callback"],
        backchannel_logout_uri=f"{where}/callback?logout=backchannel",
        actor=TESTS,
    )
    modules = "\n".join(
        f"LoadModule {name}_module {unpacked}/usr/lib/apache2/modules/mod_{name}.so" for name in MODULES
    )
    (home / "index.html").write_text("The product.")
    (home / "apache.conf").write_text(
        CONFIGURATION.format(
            here=home, port=port, modules=modules, issuer=office.url, client_id=made.client_id, secret=made.secret
        )
    )
    libraries = unpacked / "usr/lib" / f"{platform.machine()}-linux-gnu"
    process = subprocess.Popen(
        [unpacked / "usr/sbin/apache2", "-f", home / "apache.conf", "-D", "FOREGROUND"],
        env={"LD_LIBRARY_PATH": str(libraries), "PATH": "/usr/bin"},
        stderr=subprocess.PIPE,
    )
    try:
        _wait(where, process)
        yield where
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _wait(where: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < deadline:
        try:
            requests.get(f"{where}/", allow_redirects=False, timeout=10)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    if process.poll() is None:
        pytest.fail("Apache runs, but does not answer")
    said = process.communicate(timeout=5)[1].decode()
    if lacking := LIBRARY_LACKS.search(said):
        pytest.skip(f"Apache needs what is not on this machine: {lacking[0]}")
    pytest.fail(f"Apache does not start: {said[-300:]}")


def test_apache_lets_people_in_and_out_as_their_company_stands(office: Office, browser: Browser, apache: str) -> None:
    def come_in() -> requests.Response:
        choice = browser.get(browser.get(f"{apache}/index.html").headers["Location"])
        back = browser.send_form(choice, company=str(office.arches.public_id))
        return browser.get(browser.get(back.headers["Location"]).headers["Location"])

    page = come_in()
    assert page.text == "The product."
    assert (page.headers["X-Company"], page.headers["X-Standing"]) == ("Arches Burgers LLC", "good")
    assert browser.get(f"{apache}/index.html").status_code == 200
    office.suspend(office.arches)
    work()
    out = browser.get(f"{apache}/index.html")
    assert out.headers["Location"].startswith(f"{office.url}/openid/authorize"), "its session ended at once"
    closed = browser.send_form(browser.get(out.headers["Location"]), company=str(office.arches.public_id))
    assert "is not paid" in closed.text
    office.suspend(office.arches, "good")
    assert come_in().text == "The product."
