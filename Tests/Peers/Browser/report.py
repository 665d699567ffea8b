"""Makes a report with everything in it and looks at it in Chromium.

Usage: report.py MUNINN PICTURES

Checks at the width of a phone and of two desks, light and dark: nothing is requested but the page,
nothing is logged, the page does not scroll sideways and uses the width of a desk, every picture has
a size and lies in its section, no text of a picture lies over another, text has a contrast of at
least 4.5. Leaves pictures of what it saw.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

CHECKPOINT = Path(__file__).parents[3] / "fixtures/checkpoints/huginn-tiny"

LOOK = """() => {
  const problems = [];
  const root = document.scrollingElement;
  if (root.scrollWidth > window.innerWidth)
    problems.push(`the page is ${root.scrollWidth} wide, the window ${window.innerWidth}`);
  for (const svg of document.querySelectorAll('svg')) {
    const box = svg.getBoundingClientRect();
    const around = svg.closest('section').getBoundingClientRect();
    const title = svg.querySelector('title').textContent;
    if (box.width < 200 || box.height < 60) problems.push(`${title}: ${box.width} × ${box.height}`);
    if (box.left < around.left - 1 || box.right > around.right + 1)
      problems.push(`${title} leaves its section`);
    // A line's box is higher than its letters.
    const texts = [...svg.querySelectorAll('text')].map((text) => {
      const { left, right, top, bottom } = text.getBoundingClientRect();
      const spare = 0.15 * (bottom - top);
      return { left, right, top: top + spare, bottom: bottom - spare, text: text.textContent };
    });
    texts.forEach((a, index) => texts.slice(0, index).forEach((b) => {
      if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
        problems.push(`${title}: ${a.text} lies over ${b.text}`);
    }));
  }
  if (window.innerWidth >= 1280) {
    for (const row of document.querySelectorAll('.row, .gallery')) {
      const boxes = [...row.children].map((child) => child.getBoundingClientRect());
      const width = Math.max(...boxes.map((box) => box.right)) - boxes[0].left;
      if (width < 0.5 * window.innerWidth || boxes[1].left < boxes[0].right)
        problems.push(`${row.textContent.trim().slice(0, 40)} uses ${width} of the window`);
    }
  }
  const light = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).map((v) => {
      const x = v / 255;
      return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = light(getComputedStyle(document.body).backgroundColor);
  for (const element of document.querySelectorAll('h1, h2, h3, p, td, th, caption, summary, pre')) {
    const text = light(getComputedStyle(element).color);
    const contrast = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
    if (contrast < 4.5) problems.push(`${element.tagName} has a contrast of ${contrast}`);
  }
  return problems;
}"""


def make_report(muninn, directory):
    """A report of an int8 pack with an evaluation and a trace."""

    def run(*arguments):
        subprocess.run([muninn, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)

    pack, text, page = directory / "tiny.muninn", directory / "text", directory / "report.html"
    text.write_bytes((CHECKPOINT / "heldout.txt").read_bytes()[:1024])
    questions = directory / "questions.json"
    questions.write_text('[{"prompt": "a4 s6 e9?s", "answer": "6"}]')
    run("convert", CHECKPOINT, pack, "--quiet")
    run("eval", pack, "--reference", CHECKPOINT, "--text", text, "--questions", questions,
        "--ablate", "kind", "--exit", "kl", "--exit-bytes", 256, "--output", directory / "eval.json")
    run("trace", pack, "--over", CHECKPOINT, "--prompt", "d4 ud?u", "--steps", 32, "--output",
        directory / "trace")
    run("report", pack, "--eval", directory / "eval.json", "--trace", directory / "trace/trace.json",
        "--output", page)
    return page


def main():
    muninn, pictures = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    pictures.mkdir(parents=True, exist_ok=True)
    problems = []
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        page_file = make_report(muninn, Path(directory))
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for width, height in [(360, 740), (1280, 900), (1920, 1080)]:
            for scheme in ["light", "dark"]:
                name = f"{width}-{scheme}"
                page = browser.new_page(
                    viewport={"width": width, "height": height}, color_scheme=scheme)
                page.on("console", lambda message: problems.append(f"{name}: {message.text}"))
                page.on("pageerror", lambda error: problems.append(f"{name}: {error}"))
                page.on("request", lambda request: request.url.startswith("file:") or problems.append(
                    f"{name}: asks for {request.url}"))
                page.goto(page_file.as_uri())
                problems += [f"{name}: {problem}" for problem in page.evaluate(LOOK)]
                pictured = page.evaluate("document.querySelectorAll('svg').length")
                if pictured < 10:
                    problems.append(f"{name}: {pictured} pictures")
                page.screenshot(path=pictures / f"{name}.png", full_page=True)
        browser.close()
    print("\n".join(problems) or f"the report looks as it should; pictures are in {pictures}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
