"""Looking at a page as axe-core and a magnifying reader do: what is wrong with it, in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, Error, Page, ViewportSize

GRAVE = ("serious", "critical")

# What a rule finds has the rule's own impact: the third of them that are moderate or minor need not look. Contrast is
# half of the work: text that has the colours, the size and the ground of text that has passed passes as well.
AXE = """async (known) => {
  const rules = axe._audit.rules.filter(({ impact }) => impact === "moderate" || impact === "minor")
    .map(({ id }) => [id, { enabled: false }]);
  const passed = new Set(known), grounds = new Map();
  const plain = ["rgba(0, 0, 0, 0)", "none", "1", "static"];
  const ground = (e) => {
    if (!e) return "";
    if (!grounds.has(e)) {
      const { backgroundColor, backgroundImage, opacity, position } = getComputedStyle(e);
      const own = [backgroundColor, backgroundImage, opacity, position].filter((value) => !plain.includes(value));
      grounds.set(e, (own.length ? own.join(" ") + "; " : "") + ground(e.parentElement));
    }
    return grounds.get(e);
  };
  const contrast = axe._audit.checks["color-contrast"];
  contrast.own ??= contrast.evaluate;
  contrast.evaluate = function (e, ...rest) {
    const { color, fontSize, fontWeight } = getComputedStyle(e);
    const looks = [color, fontSize, fontWeight, ground(e)].join("; ");
    if (passed.has(looks)) return true;
    const result = contrast.own.call(this, e, ...rest);
    if (result === true) passed.add(looks);
    return result;
  };
  const told = { resultTypes: ["violations"], selectors: false }; // where is told by the HTML, no selector looked for
  const { violations } = await axe.run(document, { rules: Object.fromEntries(rules), ...told });
  return { violations, passed: [...passed] };
}"""
NARROW = {"width": 320, "height": 800}  # 640 px at 200 %, 1280 px at 400 % (WCAG 1.4.10)
WIDE = {"width": 1280, "height": 900}

# Parts of a page that neither scroll to the side with it nor may have their text cut off.
REFLOW = """async () => {
  const name = (e) => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + "." + [...e.classList].join(".");
  const seen = () => [...document.querySelectorAll("body *")].filter((e) => e.checkVisibility());
  const scrolls = (e) => {
    if (!e || e === document.body) return false;
    return /auto|scroll/.test(getComputedStyle(e).overflowX) || scrolls(e.parentElement);
  };
  const over = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const out = () => seen().filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !scrolls(e)).map(name);
  const cut = () => seen().filter((e) => {
    const style = getComputedStyle(e);
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    return own && /hidden|clip/.test(style.overflowX) && e.clientWidth > 1 && style.clipPath === "none"
      && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 4);
  }).map((e) => name(e) + " “" + e.textContent.trim().slice(0, 40) + "”");
  await document.fonts.ready; // and then scripts lay out what they have made, within a second
  for (let tries = 0; tries < 10 && (over() > 1 || cut().length); tries += 1) {
    await new Promise((done) => { setTimeout(done, 100); });
  }
  return { wide: over() > 1 ? over() : 0, out: out().slice(0, 6), cut: cut() };
}"""


FOCUS = """async () => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const told = () => {
    const style = getComputedStyle(e);
    const box = e.getBoundingClientRect();
    return {
      name: e.tagName.toLowerCase() + " “" + (e.textContent.trim() || e.name || e.id).slice(0, 30) + "”",
      skips: e.matches("a[href='#main'], a[href='#content']"),
      seen: box.width > 0 && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth,
      ring: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none",
    };
  };
  for (let frames = 0; frames < 30 && !(told().seen && told().ring); frames += 1) {
    await new Promise((done) => { requestAnimationFrame(done); }); // what :focus changes is drawn, within half a second
  }
  return told();
}"""


@dataclass
class Walk:
    """One browser through many pages; what is wrong is gathered in `found`, so that one walk tells all.

    A page is looked at as 200 % leave it or, where the walk is not `narrow`, as wide as a desk; there it has to fit in
    any case.
    """

    context: BrowserContext
    site: str
    narrow: bool = True
    found: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        self.context.add_init_script(AXE_SCRIPT)
        self.page = self.context.new_page()
        self.be(NARROW if self.narrow else WIDE)

    def be(self, size: ViewportSize) -> None:
        if self.page.viewport_size != size:  # each change is one more layout of the page
            self.page.set_viewport_size(size)

    def open(self, path: str, status: int = 200) -> None:
        """Go there and look."""
        answer = self.page.goto(self.site + path)
        assert answer is not None
        if answer.status != status:
            self.found.append(f"{path}: answered {answer.status}")
            return
        self.look(path)

    def open_page(self, path: str) -> None:
        """Go there, and look if there is something to be read: no file, no answer to a script, no way to elsewhere."""
        try:
            answer = self.page.goto(self.site + path)
        except Error as error:
            if "Download is starting" not in error.message:
                raise
            return
        assert answer is not None
        if answer.status not in (200, 404, 405):  # a way that leads elsewhere was followed
            self.found.append(f"{path}: answered {answer.status}")
        if answer.status != 200 or answer.request.redirected_from:
            return
        if answer.headers.get("content-type", "").startswith("text/html") and "<html" in answer.text():
            self.look(path)

    def show(self, name: str, body: str, status: int) -> None:
        """Look at a page that was made elsewhere, as if it had come from the site."""
        address = f"{self.site}/shown/{name}"
        self.page.route(address, lambda route: route.fulfill(status=status, content_type="text/html", body=body))
        self.page.goto(address)
        self.look(name)

    def look(self, name: str) -> None:
        """Look at what is on the screen. Where both widths are wanted, the one that it has comes first."""
        self.seen.append(name)
        if self.narrow:
            self.note(name, self.violations())
            self.fit(name)
            return
        was = self.page.viewport_size
        for size in (NARROW, WIDE) if was == NARROW else (WIDE, NARROW):
            self.be(size)
            if size == NARROW:
                self.fit(name)
            else:
                self.note(name, self.violations())

    def fit(self, name: str) -> None:
        told = self.page.evaluate(REFLOW)
        if told["wide"]:
            self.found.append(f"{name}: {told['wide']} px too wide at 320 px: {', '.join(told['out'])}")
        self.found += [f"{name}: cut off at 320 px: {what}" for what in told["cut"]]

    def tab_through(self, path: str, stops: int = 12) -> None:
        """Go there, as at a desk, and press Tab: the first stop leads past what comes before the content, each stop can
        be seen."""
        self.be(WIDE)
        self.page.goto(self.site + path)
        self.page.wait_for_function(
            "!document.querySelector('[autofocus]') || document.activeElement !== document.body"
        )
        begins_in_a_form = self.page.evaluate("document.activeElement !== document.body")
        for stop in range(stops):
            self.page.keyboard.press("Tab")
            told = self.page.evaluate(FOCUS)
            if told is None:
                break
            if stop == 0 and not begins_in_a_form and not told["skips"]:
                self.found.append(f"{path}: the first stop of Tab is {told['name']}, no way past the menu")
            if not told["seen"] or not told["ring"]:
                self.found.append(f"{path}: stop {stop + 1} of Tab, {told['name']}, cannot be seen")
        if self.narrow:
            self.be(NARROW)

    def violations(self) -> list[dict[str, Any]]:
        """The serious and critical ones on the page, by every rule of axe-core that finds any."""
        told = self.page.evaluate(AXE, self.passed)
        self.passed = told["passed"]
        return [one for one in told["violations"] if one["impact"] in GRAVE]

    def note(self, name: str, violations: list[dict[str, Any]]) -> None:
        for one in violations:
            where = "; ".join(sorted({node["html"][:160] for node in one["nodes"]})[:3])
            data = one["nodes"][0]["failureSummary"].replace("\n", " ")[:200]
            self.found.append(f"{name}: {one['impact']} {one['id']} ({len(one['nodes'])}): {where} | {data}")
