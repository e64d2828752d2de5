"""The scanner's camera: chosen, lit, narrowed, refused, absent, taken, pulled out, released and taken again.

The cameras are canvases that stand where the browser's would; the page's code is all its own.
"""

import base64
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from bench import frames
from tests.browser.shelf import Door, kept, shelf

# `hardware.fault`: what the next request fails with. `hardware.shown`: what every camera sees, a picture's address.
HARDWARE = """
window.hardware = { fault: "", asked: [], tracks: [], lit: null, cameras: [
  { deviceId: "one", label: "camera2 0, facing back", kind: "videoinput" },
  { deviceId: "two", label: "camera2 1, facing front", kind: "videoinput" },
  { deviceId: "three", label: "camera2 2, facing back", kind: "videoinput" },
] };
const eyes = navigator.mediaDevices;
eyes.enumerateDevices = async () => hardware.cameras;
eyes.getUserMedia = async ({ video }) => {
  hardware.asked.push(video.deviceId?.exact ?? video.facingMode);
  if (hardware.fault) throw new DOMException("fault", hardware.fault);
  const found = hardware.cameras.find(({ deviceId }) => deviceId === (video.deviceId?.exact ?? "one"));
  if (!found) throw new DOMException("gone", "OverconstrainedError");
  const canvas = Object.assign(document.createElement("canvas"), { width: 1280, height: 720 });
  const brush = canvas.getContext("2d");
  const picture = new Image();
  const paint = () => {
    if (picture.complete && picture.naturalWidth) brush.drawImage(picture, 0, 0);
    else brush.fillRect(0, 0, 1280, 720);
    if (hardware.shown && !picture.src) picture.src = hardware.shown;
  };
  paint();
  setInterval(paint, 100);
  const stream = canvas.captureStream(10);
  const track = stream.getVideoTracks()[0];
  track.getSettings = () => ({ deviceId: found.deviceId });
  track.getCapabilities = () => (found.deviceId === "one" ? { torch: true } : {});
  track.applyConstraints = async ({ advanced: [wanted] }) => {
    if ("torch" in wanted) hardware.lit = wanted.torch;
  };
  hardware.tracks.push(track);
  return stream;
};
window.pullOut = () => {
  const track = hardware.tracks.at(-1);
  track.stop();
  track.dispatchEvent(new Event("ended"));
};
window.hide = (hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
};
"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with shelf() as (address, _pages, _server):
        yield address


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def page(browser, address, door) -> Iterator[Page]:
    context = browser.new_context(locale="en-US", timezone_id="Asia/Seoul", service_workers="block")
    context.add_init_script(HARDWARE)
    yield door.open(context, f"{address}?language=en")
    context.close()


def camera(page: Page, state: str) -> None:
    expect(page.locator("#viewfinder")).to_have_attribute("data-camera", state, timeout=10_000)


def live(page: Page) -> int:
    """How many cameras the page holds."""
    return page.evaluate("hardware.tracks.filter(({ readyState }) => readyState === 'live').length")


def test_it_says_what_is_wrong_with_the_camera_and_takes_it_as_soon_as_it_can(page):
    camera(page, "on")

    page.evaluate("hardware.fault = 'NotAllowedError'; pullOut()")  # permission withdrawn while scanning
    camera(page, "refused")
    expect(page.locator("#camera-title")).to_have_text("The camera is not allowed")
    page.evaluate("hardware.fault = ''")
    page.click("#camera-again")
    camera(page, "on")

    page.evaluate("hardware.fault = 'NotFoundError'; pullOut()")
    camera(page, "absent")
    expect(page.locator("#typed-open")).to_be_visible()
    page.evaluate("hardware.fault = ''; navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    camera(page, "on")

    page.evaluate("hardware.fault = 'NotReadableError'; pullOut()")  # another app took it
    camera(page, "busy")
    page.evaluate("hardware.fault = ''")  # it comes back by itself
    camera(page, "on")

    page.evaluate("hardware.tracks.at(-1).dispatchEvent(new Event('mute'))")
    camera(page, "paused")
    page.evaluate("hardware.tracks.at(-1).dispatchEvent(new Event('unmute'))")
    camera(page, "on")
    assert live(page) == 1


def test_it_lets_go_of_the_camera_when_hidden_and_takes_the_chosen_one_again(page, address):
    camera(page, "on")
    page.evaluate("hide(true)")
    camera(page, "off")
    assert live(page) == 0
    page.evaluate("hide(false)")
    camera(page, "on")

    expect(page.locator("#torch")).to_be_visible()
    page.click("#torch")
    expect(page.locator("#torch")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("hardware.lit") is True

    page.click("#settings-open")
    choice = page.locator("#camera-choice")
    expect(choice.locator("option")).to_have_text(["Back camera 1", "Front camera", "Back camera 2"])
    choice.select_option("two")
    page.check("[name=area][value=narrow]")
    page.click("#settings [data-close]")
    camera(page, "on")
    expect(page.locator("#torch")).to_be_hidden()
    expect(page.locator("#viewfinder")).to_have_attribute("data-area", "narrow")
    page.reload()
    camera(page, "on")
    assert page.evaluate("hardware.asked") == ["two"]
    expect(page.locator("#viewfinder")).to_have_attribute("data-area", "narrow")

    page.evaluate("hardware.cameras = hardware.cameras.filter(({ deviceId }) => deviceId !== 'two'); pullOut()")
    camera(page, "on")  # another one rather than none; the choice is kept for when it is back
    assert page.evaluate("hardware.asked.at(-1)") == "environment"
    assert kept(page, "settings")["camera"] == "two"


def test_it_reads_what_the_camera_sees_and_judges_nobody_behind_a_sheet(page, door):
    camera(page, "on")
    page.click("#refused-open")
    chance_free = frames.Damage(side=460)
    picture = frames.draw(door.code(passes=False), chance_free, frames.random.Random(1))
    png = frames.Frame("clean", 0, "", picture).png()
    page.evaluate("(png) => (hardware.shown = `data:image/png;base64,${png}`)", base64.b64encode(png).decode())
    before = int(page.locator("body").get_attribute("data-frames"))
    page.wait_for_function("(before) => Number(document.body.dataset.frames) > before + 5", arg=before)
    expect(page.locator("#verdict")).to_be_hidden()
    page.click("#refused [data-close]")
    expect(page.locator("#verdict")).to_have_attribute("data-verdict", "NO_PASS")
    expect(page.locator("#guest-why")).to_contain_text("A valid pass is asked for here today")
    expect(page.locator("#guest-other")).to_have_attribute("lang", "ko")
    expect(page.locator("#guest-other")).to_have_text(re.compile("[가-힣]"))


def test_it_keeps_pace_by_smaller_pictures_and_names_cameras_in_words(page):
    found = page.evaluate("""async () => {
      const { cropOf, paceAfter, FIRST_PACE, SIDES } = await import("/static/js/scanner/frame.js");
      const run = (pace, ms, frames) => Array(frames).fill(ms).reduce(paceAfter, pace);
      const slow = run(FIRST_PACE, 120, 40);
      const { named } = await import("/static/js/scanner/cameras.js");
      const devices = [["a", "Integrated Webcam"], ["b", ""], ["c", "FaceTime HD"], ["d", "후면 카메라"]];
      return {
        sides: [FIRST_PACE, slow, run(slow, 10, 120), run(FIRST_PACE, 50, 99)].map(({ rung }) => SIDES[rung]),
        wide: cropOf(1280, 720, "wide"), narrow: cropOf(720, 1280, "narrow"),
        names: named(devices.map(([deviceId, label]) => ({ deviceId, label }))).map(({ name }) => name),
      };
    }""")
    assert found["sides"] == [720, 440, 720, 720]
    assert found["wide"] == {"left": 280, "top": 0, "side": 720}
    assert found["narrow"] == {"left": 144, "top": 424, "side": 432}
    assert found["names"] == ["Integrated Webcam", "Camera 2", "Front camera", "Back camera"]
