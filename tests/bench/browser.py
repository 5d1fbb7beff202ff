#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""report.html in Chromium: of the published figures and a profile, in light and dark, on a wide and on a narrow
screen. Nothing is complained of, nothing comes from elsewhere, every plot is there, all text can be read."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path[:0] = [str(Path(__file__).resolve().parents[2])]
from bench import docs, report, results  # noqa: E402

SIZES = {"wide": 1280, "narrow": 420}
PROFILE = {"source": "profile-pace", "hypervisor": "zendo", "title": "a profile", "every": 100003, "samples": 40,
           "stacks": [["guest", 30], ["entry_syscall;hypercall;mmu_update", 7], ["entry_syscall;hypercall", 2],
                      ["vmx_exit_entry;hvm_exit", 1]]}
# What the page is asked: the least contrast of a text with what is behind it (WCAG 2.1, 4.5 can be read), text
# of plots too; whether it is wider than the screen; plots without size.
LOOK = r"""(() => {
  const rgb = (c) => (c.match(/[\d.]+/g) || []).map(Number);
  const part = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  const behind = (e) => { for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] > 0.5) return c; } return [255, 255, 255]; };
  let least = 99, worst = '';
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.getClientRects().length || e.closest('title,style,.skip')) continue;
    const style = getComputedStyle(e), ink = rgb(e.ownerSVGElement ? style.fill : style.color);
    const paper = e.closest('.flame') ? rgb(getComputedStyle(e.previousElementSibling).fill) : behind(e);
    const [a, b] = [light(ink), light(paper)].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < least) [least, worst] = [contrast, e.textContent.trim().slice(0, 40)];
  }
  const plots = [...document.querySelectorAll('svg')].map((s) => s.getBoundingClientRect());
  return JSON.stringify({least, worst, wide: document.documentElement.scrollWidth - innerWidth,
    paper: getComputedStyle(document.body).backgroundColor, plots: plots.length,
    empty: plots.filter((p) => p.width < 50 || p.height < 20).length,
    loaded: performance.getEntriesByType('resource').length});
})()"""


class Browser:
    """Chromium by its debugging pipe: it reads JSON from file 3 and writes to file 4, each ended by a zero byte."""

    def __init__(self, profile):
        to_it, self.out = os.pipe()
        self.into, from_it = os.pipe()

        def files():
            high = [os.dup(f) for f in (to_it, from_it)]  # 3 and 4 may be in use as one of these
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)
        self.child = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", f"--user-data-dir={profile}", "--remote-debugging-pipe"],
            preexec_fn=files, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_it)
        os.close(from_it)
        self.rest, self.number, self.session, self.events = b"", 0, None, []

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            said = self.read()
            if said.get("id") == self.number:
                if "error" in said:
                    raise RuntimeError(f"{method}: {said['error']}")
                return said["result"]

    def read(self):
        while b"\0" not in self.rest:
            data = os.read(self.into, 1 << 16)
            if not data:
                raise RuntimeError("Chromium ended")
            self.rest += data
        text, _, self.rest = self.rest.partition(b"\0")
        said = json.loads(text)
        if "method" in said:
            self.events.append(said)
        return said

    def wait(self, method):
        while not any(e["method"] == method for e in self.events):
            self.read()

    def open(self, url):
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.events.clear()
        self.call("Page.navigate", url=url)
        self.wait("Page.loadEventFired")

    def evaluate(self, text):
        return self.call("Runtime.evaluate", expression=text)["result"]["value"]

    def complaints(self):
        return [e["params"] for e in self.events if e["method"] in ("Log.entryAdded", "Runtime.exceptionThrown",
                                                                    "Runtime.consoleAPICalled")]


def check(browser, scheme, size):
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.call("Emulation.setDeviceMetricsOverride", width=SIZES[size], height=900, deviceScaleFactor=1, mobile=False)
    seen = json.loads(browser.evaluate(LOOK))
    wrong = []
    if seen["least"] < 4.5:
        wrong.append(f"a contrast of {seen['least']:.1f}: {seen['worst']}")
    if seen["wide"] > 0:
        wrong.append(f"{seen['wide']} points wider than the screen")
    if not seen["plots"] or seen["empty"]:
        wrong.append(f"{seen['empty']} of {seen['plots']} plots are empty")
    if seen["loaded"]:
        wrong.append("it loads something")
    if browser.complaints():
        wrong.append(str(browser.complaints())[:200])
    name = f"report-{scheme}-{size}"
    print(f"FAIL {name} {'; '.join(wrong)}" if wrong else f"ok {name}", flush=True)
    return seen["paper"], not wrong


def main():
    data = results.load(docs.DATA) | {"profiles": [PROFILE]}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        page = Path(folder) / "report.html"
        page.write_text(report.page(data), encoding="utf-8")
        browser = Browser(folder)
        try:
            browser.open(page.as_uri())
            seen = {(scheme, size): check(browser, scheme, size) for scheme in ("light", "dark") for size in SIZES}
        finally:
            browser.child.kill()
            browser.child.wait()
    papers = {scheme: seen[scheme, "wide"][0] for scheme in ("light", "dark")}
    different = papers["light"] != papers["dark"]
    print("ok report-follows-the-scheme" if different else f"FAIL report-follows-the-scheme {papers}")
    return 0 if different and all(good for _, good in seen.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
