"""What the customers of the first wave do, and what they get."""

from datetime import date

from comptoir.kit.dates import format_date

from .browser import Browser, Page, Upload
from .stage import Stage, StepFailed, expect, form_with, link_to, state_of, wait_for

BLUEBIRD, LUCIE = "1001", "1002"
# Bluebird's owner gave an address for billing: letters and links go there, whichever of the two is typed.
OWNER, OWNER_LOGIN = "maria@bluebird-diners.example", "accounts@bluebird-diners.example"
PAYER = "lucie@chez-lucie.example"
ADDRESSES = {BLUEBIRD: "bluebird-diners.example", LUCIE: "chez-lucie.example"}
OWN_PASSWORD = "three-blue-birds-1001"  # noqa: S105  typed into a demo that is thrown away
# The usual policy: before the due date, after it, firmly, for the last time.
REMINDED = ("due_soon", "reminder", "firm_reminder", "final_notice")
LOCKED_OUT_FROM = date(2020, 11, 26)
QUESTION = "The lake store is sold as of the end of the month."
ANSWER = "Thank you, we end its services on that day."
BANK_ACCOUNT = {
    "holder_name": "Test Owner",
    "holder_type": "company",
    "account_type": "checking",
    "routing_number": "110000000",
    "account_number": "000123456789",
}


def letters_arrive(stage: Stage) -> str:
    """Each owner has a letter, with PDFs attached."""
    return _papers(stage)


def invoices_arrive(stage: Stage) -> str:
    """Each company has its invoice by mail, as a PDF."""
    return _papers(stage)


def owner_sets_first_password(stage: Stage) -> str:
    """The owner asks for the way in and chooses a password."""
    return f"logged in at {_first_password(stage, stage.owner, OWNER, login=OWNER_LOGIN).url}"


def owner_sees_only_own_company(stage: Stage) -> str:
    """The owner's pages are the own company's; another's do not exist."""
    expect(stage.owner.get(stage.portal(BLUEBIRD)), words="Bluebird Diners LLC")
    expect(stage.owner.get(stage.portal(LUCIE)), status=404)
    expect(stage.owner.get(stage.console()), status=404)
    stores = expect(stage.owner.get(stage.portal(BLUEBIRD, "stores/")), words="1001-01")
    expect(stage.owner.get(stage.portal(BLUEBIRD, "invoices/")), words="No invoices yet")
    seen = sum(f"1001-0{number}" in stores.text for number in range(1, 10))
    return f"Bluebird Diners LLC with {seen} stores and no invoices; Chez Lucie's pages answer 404"


def owner_saves_bank_account(stage: Stage) -> str:
    """The owner saves a bank account on the processor's page, and authorises automatic payment."""
    asked = stage.owner.get(stage.portal(BLUEBIRD, "methods/add/bank/"))
    hosted = stage.owner.submit(asked, form_with(asked, "purpose", "terms"), purpose="automatically")
    back = _type_bank_account(stage, stage.owner, hosted)
    _wait_for_state(stage.owner, back.url, "completed")
    methods = expect(stage.owner.get(stage.portal(BLUEBIRD, "methods/")), words="6789")
    return f"saved on {hosted.url.partition('?')[0]}; {methods.url} shows the account's last digits, 6789"


def owner_writes_a_message(stage: Stage) -> str:
    """The owner asks the billing team something, with a file; a card number is not taken."""
    page = stage.owner.get(stage.portal(BLUEBIRD, "messages/new/"))
    form = form_with(page, "topic", "subject", "text", "attached")
    said = {"topic": "store_sold_or_closed", "subject": "The lake store is sold"}
    page = expect(
        stage.owner.submit(page, form, **said, text="My card is 4242 4242 4242 4242."), words="taken out below"
    )
    form = form_with(page, "topic", "subject", "text", "attached")
    lease = Upload(name="lease.pdf", content=b"%PDF-1.7 of a lease")
    sent = expect(stage.owner.submit(page, form, **said, text=QUESTION, attached=lease), words=QUESTION)
    return f"{sent.url}: sent with a file, after a card number was refused"


def owner_reads_the_answer(stage: Stage) -> str:
    """A mail says that there is an answer, and nothing of it; the owner reads it here."""
    mail = stage.next_mail(ADDRESSES[BLUEBIRD], containing="/messages/")
    if ANSWER in mail.text or QUESTION in mail.text:
        raise StepFailed(f"the mail says what the message says: {mail.text[:300]}")
    read = expect(stage.owner.get(link_to(mail, "/messages/")), words=ANSWER)
    return f"{read.url} has the answer"


def check_payer_pays_once(stage: Stage) -> str:
    """The second company pays its invoice by electronic check, and saves nothing."""
    _first_password(stage, stage.payer, PAYER, login=PAYER)
    listed = stage.payer.get(stage.portal(LUCIE, "invoices/"))
    invoice = expect(stage.payer.get(link_to(listed, "NOR-")), words="1002-01")
    pay_by_electronic_check(stage)
    if "6789" in stage.payer.get(stage.portal(LUCIE, "methods/")).text:
        raise StepFailed("the bank account of a one-time payment is among the saved methods")
    return f"{invoice.url} paid by electronic check: processing, nothing saved"


def pay_by_electronic_check(stage: Stage) -> str:
    """Pay all that the second company has open; return the payment's page, which says that it is under way."""
    chosen = stage.payer.get(stage.portal(LUCIE, "pay/"))
    form = form_with(chosen, "invoice", "way")
    review = stage.payer.submit(chosen, form, way="us_bank_account", invoice=form.offered["invoice"])
    hosted = stage.payer.submit(review, form_with(review, "amount_minor"))
    back = _type_bank_account(stage, stage.payer, hosted)
    _wait_for_state(stage.payer, back.url, "processing")
    return back.url


def check_payer_is_reminded(stage: Stage) -> str:
    """The second company does not pay the next invoice: it is reminded, and told from which day on it is locked out."""
    mails = [stage.next_mail(ADDRESSES[LUCIE], containing="/pay/?invoice=") for _each in REMINDED]
    expect(mails[-1], words=format_date(day=LOCKED_OUT_FROM, language="fr"))
    return f"{len(mails)} mails; the last names {LOCKED_OUT_FROM}"


def autopay_is_processing(stage: Stage) -> str:
    """On the due date the bank account is debited; that is not paid yet."""
    payment = _payment_of(stage, stage.owner, BLUEBIRD)
    _wait_for_state(stage.owner, payment, "processing")
    return f"{payment}: processing"


def everything_is_paid(stage: Stage) -> str:
    """The bank has settled: both payments arrived, and both companies have a receipt."""
    for browser, number in ((stage.owner, BLUEBIRD), (stage.payer, LUCIE)):
        _wait_for_state(browser, _payment_of(stage, browser, number), "succeeded")
        stage.next_mail(ADDRESSES[number], containing="/attachments/")
    expect(stage.owner.get(stage.portal(BLUEBIRD, "invoices/")), words="Paid")
    return "both payments succeeded, the invoices are paid, the receipts are in the mailbox"


def log_in_again(page: Page, browser: Browser, *, email: str) -> Page:
    """Type an owner's password into the page that asks for it, and return where that leads."""
    return browser.submit(page, form_with(page, "login", "password"), login=email, password=OWN_PASSWORD)


def _papers(stage: Stage) -> str:
    told = []
    for recipient in ADDRESSES.values():
        mail = stage.next_mail(recipient, containing="/attachments/")
        told.append(f"{recipient} got {', '.join(stage.attachments(mail))}")
    return "; ".join(told)


def _first_password(stage: Stage, browser: Browser, email: str, *, login: str) -> Page:
    asked = browser.get(f"{stage.base_url}/password/reset/")
    expect(browser.submit(asked, form_with(asked, "email"), email=email))
    mail = stage.next_mail(login, containing="/password/reset/")
    page = browser.get(link_to(mail, "/password/reset/"))
    form = form_with(page, "password1")
    typed = {name: OWN_PASSWORD for name in form.offered if name.startswith("password")}
    entered = browser.submit(page, form, **typed)
    if "/password/" in expect(entered).url:
        raise StepFailed(f"the password was not taken: {entered.text[:300]}")
    return browser.get(f"{stage.base_url}/")


def _type_bank_account(stage: Stage, browser: Browser, hosted: Page) -> Page:
    if not hosted.url.startswith(stage.sandbox_url):
        raise StepFailed(f"{hosted.url} is not the processor's page: {hosted.text[:300]}")
    back = browser.submit(hosted, form_with(hosted, "account_number", "routing_number"), **BANK_ACCOUNT)
    if not expect(back).url.startswith(stage.base_url):
        raise StepFailed(f"the processor's page did not lead back, but to {back.url}: {back.text[:300]}")
    return back


def _payment_of(stage: Stage, browser: Browser, number: str) -> str:
    """Return the address of a company's latest payment, as its first page shows it."""

    def look() -> str | None:
        return expect(browser.get(stage.portal(number))).link(lambda text: "/payments/" in text)

    return wait_for(f"a payment on {stage.portal(number)}", look)


def _wait_for_state(browser: Browser, url: str, state: str) -> None:
    def look() -> bool | None:
        return state_of(browser.get(url)) == state or None

    wait_for(f"{url} in the state “{state}”", look)
