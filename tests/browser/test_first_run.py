"""From the one-time link to the first matrix: by mouse with a mail server, and by keys alone without one."""

from __future__ import annotations

import contextlib
import email.policy
import re
import socketserver
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import pytest
from django.db import connection
from playwright.sync_api import Locator, Page, TimeoutError, expect

from accounts.services.outbox import send_waiting
from accounts.services.setup import new_setup_link
from kpis.rollup.runs import roll_up_now
from tests.browser.conftest import Reader
from tests.browser.looks import fits, holds_still, shuts_nobody_out

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "look-at-tier-two"
LONG = 60_000  # of a large file, in milliseconds
FILES = {
    "tiers": "code,name,rank\nT1,Platinum,1\nT2,Gold,2\n",
    "customers": "external_id,name,business_unit,region,is_key_account,account_manager\n"
    "C1,Account 1,,Iceland,true,am1@wholesale.example\nC2,Account 2,,Finland,false,\n",
    "tier_memberships": "customer,starts_on,tier\nC1,2011-07-01,T1\nC2,2011-07-01,T2\n",
    "lifecycle_events": "customer,on,kind\nC1,2011-07-02,joined\n",
    "kpis": "code,name,indicator,unit,direction,customer_method,time_method,decimals,owner\n"
    "orders,Orders,leading,number,higher,sum,sum,0,ada@wholesale.example\n",
    "facts": "kpi,customer,month,numerator,denominator\n"
    + "".join(f"orders,{customer},2011-0{month},5,\n" for month in (7, 8, 9) for customer in ("C1", "C2")),
    "targets": "kpi,tier,from_month,until_month,per,value\n"
    "orders,T1,2011-07,,quarter,12\norders,T2,2011-07,,quarter,20\n",
}


class Letters(socketserver.ThreadingTCPServer):
    """A mail server that takes every mail and keeps it."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.taken: list[str] = []


class _Talk(socketserver.StreamRequestHandler):
    server: Letters

    def handle(self) -> None:
        self.say(b"220 here")
        while word := self.rfile.readline()[:4].upper():
            if word == b"DATA":
                self.say(b"354 go on")
                mail = email.message_from_bytes(
                    b"".join(iter(self.rfile.readline, b".\r\n")), policy=email.policy.default
                )
                body = mail.get_body(("plain",))
                assert body is not None
                self.server.taken.append(str(body.get_content()))
            self.say(b"221 bye" if word == b"QUIT" else b"250 well")

    def say(self, words: bytes) -> None:
        self.wfile.write(words + b"\r\n")


class Hands(Protocol):
    """How somebody works with a page."""

    def press(self, what: Locator) -> None: ...
    def write(self, what: Locator, text: str) -> None: ...
    def tick(self, what: Locator) -> None: ...
    def bring(self, what: Locator, file: Path) -> None: ...


class Mouse:
    """Clicks."""

    def press(self, what: Locator) -> None:
        what.click()

    def write(self, what: Locator, text: str) -> None:
        what.click()
        what.fill(text)

    def tick(self, what: Locator) -> None:
        what.locator("xpath=ancestor::label | following-sibling::label").first.click()

    def bring(self, what: Locator, file: Path) -> None:
        with what.page.expect_file_chooser() as asked:
            what.click()
        asked.value.set_files(file)


class Keys:
    """Skips to the content, goes on with Tab until it is there; presses Enter, ticks with the space bar."""

    def _go(self, what: Locator) -> None:
        expect(what).to_be_visible()
        page, aim = what.page, what.element_handle()
        if page.evaluate(
            "document.activeElement === document.body && !location.hash && !!document.querySelector('.skip')"
        ):
            page.keyboard.press("Tab")
            with page.expect_navigation(url=re.compile("#content$")):
                page.keyboard.press("Enter")
        for _ in range(100):
            if page.evaluate("it => it === document.activeElement", aim):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {what}")

    def press(self, what: Locator) -> None:
        self._go(what)
        with what.page.expect_navigation():
            what.page.keyboard.press("Enter")

    def write(self, what: Locator, text: str) -> None:
        self._go(what)
        what.page.keyboard.press("Control+A")
        what.page.keyboard.type(text)

    def tick(self, what: Locator) -> None:
        self._go(what)
        what.page.keyboard.press("Space")

    def bring(self, what: Locator, file: Path) -> None:
        self._go(what)
        for patience in (2_000, 4_000, 30_000):  # a key that comes before the page is painted opens nothing
            with contextlib.suppress(TimeoutError):
                with what.page.expect_file_chooser(timeout=patience) as asked:
                    what.page.keyboard.press("Space")
                asked.value.set_files(file)
                return
        raise AssertionError("the keyboard opens no choice of files")


@pytest.fixture
def link(transactional_db: None) -> str:
    """The path of the one-time link, as the start of the product prints it."""
    return _path(new_setup_link())


@pytest.fixture
def session(link: str) -> str:
    """Nobody's: all that there is is the link, made before the browser starts."""
    return ""


@pytest.fixture
def letters() -> Iterator[Letters]:
    """The mail server."""
    with Letters() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def _path(address: str) -> str:
    return re.sub(r"^https?://[^/]+", "", address)


def work(job: Callable[[], Any]) -> None:
    """What the worker does, in a thread of its own: the browser's has an event loop, which Django refuses."""

    def done() -> None:
        try:
            assert job()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as worker:
        worker.submit(done).result()


def look(page: Page, *, reads: bool = True) -> None:
    """Nothing moved while it loaded and nothing stands beside the window; nobody is shut out who ``reads`` it."""
    holds_still(page)
    fits(page)
    if reads:
        shuts_nobody_out(page, other_scheme=True)


class Walk:
    """The administrator's way, with these hands and the files of a folder; ``looks`` at each page that is new."""

    def __init__(self, page: Page, hands: Hands, folder: Path, *, looks: bool = True, reads: bool = True) -> None:
        self.page, self.hands, self.folder, self.looks, self.reads = page, hands, folder, looks, reads
        self.seen: set[str] = set()
        self.loaded: list[str] = []

    def look(self, name: str) -> None:
        if self.looks and name not in self.seen:
            look(self.page, reads=self.reads)
        self.seen.add(name)

    def press(self, name: str | re.Pattern[str], role: Any = "button") -> None:
        self.hands.press(self.page.get_by_role(role, name=name, exact=isinstance(name, str)))

    def write(self, label: str, text: str) -> None:
        self.hands.write(self.page.get_by_label(label, exact=True), text)

    def begin(self, link: str) -> None:
        self.page.goto(link)
        self.look("link")
        self.write("Your name", "Ada")
        self.write("E-mail address", "ada@wholesale.example")
        self.write("Password", PASSWORD)
        self.write("Password, again", PASSWORD)
        self.press("Become the administrator")
        expect(self.page.locator(".messages")).to_contain_text("Welcome, Ada")
        self.look("set-up")

    def name_the_company(self) -> None:
        self.write("Name", "Wholesale Ltd")
        self.press("Keep the company")
        self.is_at("tiers", done=1)

    def is_at(self, step: str, *, done: int) -> None:
        heading = self.page.get_by_role("heading", level=1)
        expect(heading).to_contain_text(re.compile(f"{done} of 8 steps (is|are) done. Next: {step}"))

    def step(self, name: str) -> None:
        self.hands.press(self.page.locator(f"#step-{name} a"))
        expect(self.page.locator(f"#step-{name}")).to_have_attribute("aria-current", "step")
        self.look(f"step {name}")

    def load(self, kind: str) -> None:
        """From the form of files on; its kind stands in the form, or is guessed from the file."""
        self.look("file")
        self.hands.bring(self.page.locator("input[type=file]"), self.folder / f"{kind}.csv")
        self.press("Check the file")
        expect(self.page.locator("#file")).to_contain_text(re.compile(kind.replace("_", " "), re.I), timeout=LONG)
        self.look("check")
        self.press(re.compile(r"^Load [\d,]+ row"))
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(re.compile(r"Load \d+:"), timeout=LONG)
        self.loaded.append(kind)
        self.look("load")

    def bring(self, step: str, *kinds: tuple[str, str]) -> None:
        """Those files of a step that there are: the first chosen by its name there, the others as further files."""
        self.step(step)
        there = [one for one in kinds if (self.folder / f"{one[0]}.csv").exists()]
        for number, (kind, title) in enumerate(there):
            if number:
                self.press("Bring another file", "link")
            else:
                self.hands.press(self.page.locator("#in-hand").get_by_role("link", name=title, exact=True))
            self.load(kind)
        self.press("Go back to where you came from", "link")
        expect(self.page.locator(f"#step-{step}")).to_have_attribute("aria-current", "step")

    def invite_finance(self) -> None:
        self.step("people")
        self.press("Invite people", "link")
        self.look("invite")
        self.write("E-mail addresses", "Fay <fay@wholesale.example>")
        self.hands.tick(self.page.get_by_label("Finance", exact=True))
        self.press("Invite")
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("1 person is invited")
        self.look("invited")

    def take_a_role(self) -> None:
        self.press("Back to the set-up", "link")
        self.step("people")
        self.hands.tick(self.page.get_by_label("KPI steward", exact=True))
        self.press("Take these roles")
        expect(self.page.locator(".messages")).to_contain_text("You are KPI steward as well now.")

    def load_everything(self) -> None:
        self.bring("tiers", ("tiers", "Tiers"))
        self.bring(
            "customers",
            ("business_units", "Business units"),
            ("customers", "Customers"),
            ("tier_memberships", "Tier memberships"),
            ("lifecycle_events", "Lifecycle events"),
        )
        self.bring("kpis", ("departments", "Departments"), ("kpis", "KPIs"))
        self.bring("facts", ("facts", "Facts"))

    def propose(self, count: int) -> None:
        self.bring("targets", ("targets", "Targets"))
        self.look("drafts")
        self.write("Note for finance", "Our first targets")
        self.press(f"Propose {count} drafts to finance")
        expect(self.page.locator(".messages")).to_contain_text(f"{count} targets wait for finance now.")

    def see_the_matrix(self) -> None:
        self.step("matrix")
        self.press("See the matrix", "link")
        expect(self.page.locator('td:has(a[href$="/orders/T1/"])')).to_contain_text(re.compile("met", re.I))
        expect(self.page.locator('td:has(a[href$="/orders/T2/"])')).to_contain_text(re.compile("missed", re.I))
        self.look("matrix")


def decide(page: Page, hands: Hands, invitation: str, count: int, *, looks: bool = True, reads: bool = True) -> None:
    """Finance comes in by the link, and is led to what waits."""
    page.goto(_path(invitation))
    if looks:
        look(page, reads=reads)
    hands.write(page.get_by_label("New password", exact=True), PASSWORD)
    hands.write(page.get_by_label("New password confirmation", exact=True), PASSWORD)
    hands.press(page.get_by_role("button", name="Go on"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{count} targets wait for you")
    if looks:
        look(page, reads=reads)
    for one in page.locator("#waiting input[value=approve]").all():
        hands.tick(one)
    hands.press(page.get_by_role("button", name=f"Send {count} decisions"))
    expect(page.locator(".messages")).to_contain_text(f"{count} targets approved")


def walk(
    reader: Reader,
    hands: Hands,
    link: str,
    folder: Path,
    invitation: Callable[[Page], str],
    *,
    reads: bool = True,
    **context: Any,
) -> None:
    for kind, text in FILES.items():
        (folder / f"{kind}.csv").write_text(text, encoding="utf-8")
    ada = Walk(reader(signed_in=False, **context), hands, folder, reads=reads)

    ada.begin(link)
    ada.name_the_company()
    ada.invite_finance()
    told = invitation(ada.page)
    ada.take_a_role()
    ada.load_everything()
    work(roll_up_now)
    ada.propose(2)
    decide(reader(signed_in=False, **context), hands, told, 2, reads=reads)
    ada.see_the_matrix()


def test_by_mouse_with_a_mail_server(
    link: str, reader: Reader, letters: Letters, live_server: Any, settings: Any, tmp_path: Path, complaints: list[str]
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = letters.server_address[:2]
    settings.BASE_URL = live_server.url

    def by_mail(page: Page) -> str:
        expect(page.locator("main")).to_contain_text("A mail brings each of them their link")
        work(send_waiting)
        [mail] = letters.taken
        return str(re.findall(r"http\S+/accounts/invitation/\S+", mail)[0])

    walk(reader, Mouse(), link, tmp_path, by_mail)
    assert complaints == []


def test_by_keys_alone_without_a_mail_server(
    link: str, reader: Reader, settings: Any, tmp_path: Path, complaints: list[str]
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mails")

    def by_link(page: Page) -> str:
        shuts_nobody_out(page, other_scheme=True)  # the one page that a mail server changes
        return page.get_by_role("textbox", name="Fay").input_value()

    narrow = {"width": 1024, "height": 800}
    walk(reader, Keys(), link, tmp_path, by_link, reads=False, color_scheme="dark", viewport=narrow)
    assert not (tmp_path / "mails").exists()
    assert complaints == []
