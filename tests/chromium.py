"""The system's Chromium, for tests that need a real browser: skipped where there is none, failing with CI=true."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
INSTALL = "apt install chromium"
# A flag given twice counts as it stands last, so these are Playwright's own and, in front, the WebUIs of the address
# bar: nobody sees it here, and they cost a second of computing for each context.
WITHOUT = (
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,"
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,"
    "LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,"
    "OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch"
)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={WITHOUT}",
)

expect.set_options(timeout=20_000)  # ms that a page has to become as expected, on a busy machine as well

# What doors and phones spread over seconds, so that they do not come to the server together, comes first in line here.
AT_ONCE = "Math.random = () => 0;"


def found() -> str | None:
    """The path of the first Chromium there is."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def pytest_report_header() -> str | None:
    return None if found() else f"No Chromium here, so the browser tests are skipped; to run them: {INSTALL}"


@pytest.fixture(scope="session")
def chromium_path() -> str:
    path = found()
    if path is None:
        say = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        say(f"no Chromium: {INSTALL}")
    return str(path)


@pytest.fixture(scope="session")
def playwright_driver() -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture
def launch(chromium_path: str, playwright_driver: Playwright) -> Iterator[Callable[[Path], Browser]]:
    """Start a Chromium whose camera shows the given y4m file; one launch for each video. They end with the test: a page
    that looks through a camera computes for as long as it is there."""
    started: list[Browser] = []

    def start(video: Path) -> Browser:
        camera = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
        flags = [*FLAGS, *camera, f"--use-file-for-fake-video-capture={video}"]
        started.append(playwright_driver.chromium.launch(executable_path=chromium_path, args=flags))
        return started[-1]

    yield start
    for browser in started:
        browser.close()


@pytest.fixture(scope="session")
def browser(chromium_path: str, playwright_driver: Playwright) -> Iterator[Browser]:
    """One Chromium without a camera for the whole session."""
    browser = playwright_driver.chromium.launch(executable_path=chromium_path, args=[*FLAGS])
    yield browser
    browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile of its own, in Korean and in Seoul."""
    context = browser.new_context(locale="ko-KR", timezone_id="Asia/Seoul", permissions=[])
    context.add_init_script(AT_ONCE)
    yield context
    for left in browser.contexts:  # those of other people in the test as well: their pages go on by the clock
        left.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def write_video(path: Path, luma: list[list[int]], frames: int = 2) -> Path:
    """Write a still picture (rows of 0..255, 640 x 480) as the y4m file that Chromium takes as its camera."""
    picture = b"".join(bytes(row) for row in luma)
    assert len(picture) == 640 * 480, "the picture must be 640 x 480"
    frame = b"FRAME\n" + picture + bytes([128]) * (640 * 480 // 2)
    path.write_bytes(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420mpeg2\n" + frame * frames)
    return path
