// A person at a real Chromium: what the scenarios of browse.mjs and account.mjs begin with.
import { chromium } from 'playwright-core';

export const launch = () => chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});

// A browser profile of its own, whose certificates are the test's.
export const profile = async (browser, options = {}) => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
  context.setDefaultTimeout(15000);
  return context;
};

export const text = (page) => page.locator('body').innerText();
export const arrived = (page) => page.waitForFunction(() => document.body.innerText.includes('"behind"'));
