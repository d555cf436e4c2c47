// Opens pages in Chromium, wide and narrow, and prints as JSON what it found: node browser.cjs CHROMIUM SITE PAGE...
"use strict";
const fs = require("fs");
const puppeteer = require("puppeteer-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const [, , executablePath, site, ...paths] = process.argv;
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const painted = () => new Promise(resolve => {
  new PerformanceObserver(list => list.getEntriesByName("first-contentful-paint").forEach(e => resolve(e.startTime)))
    .observe({ type: "paint", buffered: true });
});
(async () => {
  const browser = await puppeteer.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  const open = async (path, width, scripted) => {
    const page = await browser.newPage();
    const faults = [];
    page.on("console", message => faults.push(message.text()));
    page.on("pageerror", error => faults.push(String(error)));
    page.on("request", request => /^(file|data):/.test(request.url()) || faults.push(request.url()));
    await page.setViewport({ width, height: 900 });
    await page.setJavaScriptEnabled(scripted);
    await page.bringToFront();
    await page.goto(`file://${site}/${path}`, { waitUntil: "load" });
    return { page, faults };
  };
  const told = [];
  for (const path of paths) {
    for (const width of [1280, 390]) {
      const { page, faults } = await open(path, width, true);
      const paint = await page.evaluate(painted);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      const pdf = Buffer.from(await page.pdf({ preferCSSPageSize: true })).toString("latin1");
      const loaded = [...faults];
      await page.evaluate(axe);
      const result = await page.evaluate(tags => axe.run(document, { runOnly: tags, preload: false }), TAGS);
      const violations = result.violations.map(each => `${each.id}: ${each.nodes[0].target}`);
      const sheets = pdf.match(/\/Type\s*\/Page\b/g).length;
      told.push({ path, width, paint, overflow, sheets, violations, faults: loaded, passes: result.passes.length });
      await page.close();
    }
    const { page } = await open(path, 1280, false);
    const forms = await page.$$eval("form", all => all.filter(each => each.offsetParent).length);
    const rows = await page.$$eval("tbody tr", all => all.filter(each => each.offsetParent).length);
    told.push({ path, width: 0, forms, rows });
    await page.close();
  }
  await browser.close();
  console.log(JSON.stringify(told));
})();
