"""The scanner's own reader (static/js/scanner/sight.js and its worker) on pictures that we give it, in a page."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from playwright.sync_api import Page

from bench.frames import Frame

# Takes [sight.js, reader.js, the WebAssembly] by address; `window.look` then reads a picture as the camera's loop does.
READ = """async ([module, reader, wasm]) => {
  const { sight } = await import(new URL(module, location.href));
  const eye = sight(new URL(reader, location.href).href, new URL(wasm, location.href).href);
  window.look = async (png, area) => {
    const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const start = performance.now();
    const seen = await eye.read(picture, picture.width, picture.height, area);
    return { ...seen, all: performance.now() - start };
  };
}"""


@dataclass(frozen=True)
class Sight:
    """What the reader made of a frame."""

    name: str
    expected: str
    text: str | None
    ms: float
    """From the picture to the text, the way to the worker and back among it."""
    worker_ms: float
    """Of that, reading in the worker, which Chromium's CPU throttling leaves alone."""
    side: int
    """Pixels a side of what was read."""

    @property
    def right(self) -> bool:
        return self.text == self.expected


def read(page: Page, frame: Frame, area: str = "wide") -> Sight:
    """Have a page on which READ was run look at one frame. Raises KeyError when the reader was lost."""
    png = base64.b64encode(frame.png()).decode()
    seen = page.evaluate("([png, area]) => window.look(png, area)", [png, area])
    return Sight(f"{frame.kind} {frame.number}", frame.text, seen["text"], seen["all"], seen["read"], seen["side"])
