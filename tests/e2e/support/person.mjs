// A person at a real Chromium: what the scenarios of browse.mjs and account.mjs begin with.
import { chromium } from 'playwright-core';

export const launch = (more = {}) => chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
  ...more,
});

// A browser profile of its own, which accepts the test's certificates.
export const profile = async (browser, options = {}) => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
  context.setDefaultTimeout(15000);
  return context;
};

export const text = (page) => page.locator('body').innerText();
export const arrived = (page) => page.waitForFunction(() => document.body.innerText.includes('"behind"'));

// What keeps people from using the page as it is: at 320 px (WCAG 2.2, 1.4.10), by ear, by password
// manager.
export const faults = async (page) => {
  const size = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  const found = await page.evaluate(() => {
    const wrong = [];
    const all = (selector) => [...document.querySelectorAll(selector)];
    const closed = all('details:not([open])');
    closed.forEach((details) => details.open = true);
    const ids = all('[id]').map((element) => element.id);
    wrong.push(...ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `two of #${id}`));
    for (const name of ['for', 'aria-describedby', 'aria-labelledby'])
      for (const element of all(`[${name}]`))
        wrong.push(...element.getAttribute(name).split(' ').filter((id) => !ids.includes(id)).map((id) => `no #${id}`));
    for (const input of all('input:not([type=hidden]):not([hidden])'))
      if (![...input.labels].some((label) => label.textContent.trim()))
        wrong.push(`${input.name} has no label`);
    const fills = { password: /^(current|new)-password$/, username: /^username$/, otp: /^one-time-code$/, code: /^one-time-code$/ };
    for (const input of all('input:not([type=hidden])')) {
      const wanted = fills[input.type === 'password' ? 'password' : input.name];
      if (wanted && !wanted.test(input.autocomplete))
        wrong.push(`${input.name} is filled in by nobody`);
    }
    const invalid = all('[aria-invalid=true]');
    wrong.push(...invalid.filter((input) => !input.getAttribute('aria-describedby')).map((input) => `${input.name}: why?`));
    if (all('h1').length !== 1 || !document.title || !document.documentElement.lang)
      wrong.push('no name, or no language');
    if (document.documentElement.scrollWidth > document.documentElement.clientWidth)
      wrong.push(`wider than 320 px: ${document.documentElement.scrollWidth}`);
    closed.forEach((details) => details.open = false);
    return wrong;
  });
  await page.setViewportSize(size);
  return found.map((what) => `${new URL(page.url()).pathname}: ${what}`);
};
