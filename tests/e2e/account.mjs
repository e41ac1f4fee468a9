// Accounts in a real Chromium. node account.mjs ORIGIN PASSWORD FOLDER; prints what was seen as
// JSON, by scenario, and leaves the judging to test_account.py. The codes come from oathtool.
import { execFileSync } from 'node:child_process';

import { arrived, faults, launch, profile, text } from './support/person.mjs';

const [origin, password, folder, token] = process.argv.slice(2);
const PAGE = origin + '/app/page.html?q=1';
const ACCOUNT = origin + '/auth/account';

const browser = await launch();
const wrong = [];	// what faults() finds in the pages on the way
const look = async (page) => wrong.push(...await faults(page));
const person = (options) => profile(browser, options);

// The app's code, this many steps from now.
const code = (secret, steps = 0) => {
  const at = new Date(Date.now() + steps * 30000).toISOString().slice(0, 19).replace('T', ' ') + ' UTC';
  return execFileSync('oathtool', ['--totp', '--base32', `--now=${at}`, secret], { encoding: 'utf8' }).trim();
};
// So that no time step ends between making a code and using it.
const settle = () => new Promise((resolve) => {
  const left = 30000 - Date.now() % 30000;
  setTimeout(resolve, left < 5000 ? left + 100 : 0);
});
const login = async (page, name, address = ACCOUNT) => {
  await page.goto(address);
  await page.fill('#username', name);
  await page.fill('#password', password);
  await page.keyboard.press('Enter');
};
const key = async (page) => (await page.locator('code.key').innerText()).replaceAll(' ', '');
const codes = async (page) => {
  await page.locator('ul.codes').waitFor();
  return page.locator('ul.codes li').allInnerTexts();
};
const section = (page, name) => page.getByRole('region', { name });

// Turns the second factor on in the account page, and leaves a picture of the QR code.
const enrol = async (page, name) => {
  await section(page, 'Two-step sign-in').getByLabel('Current password').fill(password);
  await page.getByRole('button', { name: 'Set up', exact: true }).click();
  await page.locator('svg.qr').screenshot({ path: `${folder}/qr-${name}.png` });
  const secret = await key(page);
  await settle();
  await page.getByLabel('Code from the app').fill('000000');
  await page.keyboard.press('Enter');
  const refused = await page.getByRole('alert').innerText();
  const again = await key(page);
  await look(page);
  await page.getByLabel('Code from the app').fill(code(secret));
  await page.keyboard.press('Enter');
  return { secret, refused, again, recovery: await codes(page) };
};

// A picture of a part of the page, with a margin around it.
const picture = async (page, part, path) => {
  await page.evaluate(() => scrollTo(0, 0));
  const box = await part.boundingBox();
  const clip = { x: box.x - 24, y: box.y + 8, width: box.width + 48, height: box.height + 12 };
  await page.screenshot({ path, clip, fullPage: true });
};

const scenarios = {
  // Without a script: enrol, sign in with it in two steps, replace it by a recovery code, remove
  // it.
  async life() {
    const first = await (await person({ javaScriptEnabled: false })).newPage();
    await login(first, 'eva');
    await first.getByText('You are signed in as eva').waitFor();
    await look(first);
    const set = await enrol(first, 'eva');
    await look(first);
    await first.getByRole('link', { name: 'I have saved them' }).click();
    const on = await text(first);

    const second = await (await person({ javaScriptEnabled: false })).newPage();
    await login(second, 'eva');
    await second.getByLabel('Code', { exact: true }).waitFor();
    const asked = await second.content();
    await second.keyboard.type('000000');
    await second.keyboard.press('Enter');
    const wrong = await second.getByRole('alert').innerText();
    await look(second);
    await second.getByLabel('Code', { exact: true }).fill(code(set.secret, 1));
    await second.keyboard.press('Enter');
    await second.getByText('You are signed in as eva').waitFor();

    await section(second, 'Devices').getByRole('button', { name: 'Sign out all other devices' }).click();
    const others = await text(second);
    await first.goto(ACCOUNT);
    const gone = await first.locator('#password').isVisible();

    await second.getByText('Turn off', { exact: true }).click();
    await look(second);
    const form = second.locator('form[action$="/account/otp-remove"]');
    await form.getByLabel('Current password').fill(password);
    await form.getByLabel('Code').fill(set.recovery[0]);
    await second.keyboard.press('Enter');
    await second.getByRole('button', { name: 'Set up', exact: true }).waitFor();
    return { ...set, on, asked, wrong, others, gone, removed: await text(second) };
  },

  // With the script, at a guarded address: the code is asked for beside the password.
  async in_place() {
    const page = await (await person()).newPage();
    await login(page, 'ivo');
    await page.getByText('You are signed in as ivo').waitFor();
    const set = await enrol(page, 'ivo');
    const other = await (await person()).newPage();
    await login(other, 'ivo', PAGE);
    await other.locator('#otp').waitFor();
    const focus = await other.evaluate(() => document.activeElement.id);
    await other.keyboard.type('999999');
    await other.keyboard.press('Enter');
    await other.locator('#message').waitFor();
    const wrong = await other.locator('#message').innerText();
    await look(other);
    await other.locator('#otp').fill(set.recovery[1]);
    await other.keyboard.press('Enter');
    await arrived(other);
    return { focus, wrong, url: other.url(), text: await text(other) };
  },

  // A person who must have a second factor is led to its set-up, and then to the page they wanted.
  async required() {
    const page = await (await person()).newPage();
    await login(page, 'vera', PAGE);
    await page.locator('svg.qr').waitFor();
    await page.locator('svg.qr').screenshot({ path: `${folder}/qr-vera.png` });
    const secret = await key(page);
    await look(page);
    await settle();
    await page.getByLabel('Code from the app').fill(code(secret));
    await page.keyboard.press('Enter');
    const recovery = await codes(page);
    await page.getByRole('link', { name: 'I have saved them' }).click();
    await arrived(page);
    const seen = { secret, recovery, url: page.url(), text: await text(page) };
    await page.goto(ACCOUNT);
    return { ...seen, account: await text(page) };
  },

  async password() {
    const page = await (await person({ javaScriptEnabled: false })).newPage();
    await login(page, 'paul');
    const form = section(page, 'Password');
    await form.getByLabel('Current password').fill('not this one');
    await form.getByLabel('New password').fill(password + ' anew');
    await page.keyboard.press('Enter');
    const refused = await page.getByRole('alert').innerText();
    await look(page);
    await form.getByLabel('Current password').fill(password);
    await form.getByLabel('New password').fill(password + ' anew');
    await page.keyboard.press('Enter');
    return { refused, done: await page.getByRole('status').innerText(), url: page.url() };
  },

  // Without a script and by keyboard alone: from the device's button to its field, and the name is
  // there.
  async rename() {
    const page = await (await person({ javaScriptEnabled: false })).newPage();
    await login(page, 'rita');
    const devices = section(page, 'Devices');
    const before = await devices.locator('.name').innerText();
    await devices.getByRole('button', { name: 'Sign out on this device' }).focus();
    for (const key of ['Tab', 'Enter', 'Tab'])
      await page.keyboard.press(key);
    await page.keyboard.type('Küche <2>');
    await page.keyboard.press('Enter');
    const done = await page.getByRole('status').innerText();
    return { before, done, url: page.url(), after: await devices.locator('.name').innerText(),
      again: await devices.getByLabel('Name of this device').inputValue() };
  },

  // A one-time link: its token leaves the address, a bad password is reported, and the link is
  // spent once.
  async link() {
    const page = await (await person({ viewport: { width: 400, height: 340 } })).newPage();
    await page.goto(`${origin}/auth/link#${token}`);
    const asked = await page.getByLabel('Paste the link you were sent').isVisible();
    const address = page.url();
    await page.screenshot({ path: `${folder}/link.png` });
    await page.getByLabel('New password').fill('short');
    await page.keyboard.press('Enter');
    const refused = await page.getByRole('alert').innerText();
    await look(page);
    await page.getByLabel('New password').fill(password);
    await page.keyboard.press('Enter');
    const done = await page.getByRole('status').innerText();
    await login(page, 'gerda');
    await page.getByText('You are signed in as gerda').waitFor();
    await page.goto('about:blank');
    await page.goto(`${origin}/auth/link#${token}`);
    await page.getByLabel('New password').fill(password + ' again');
    await page.keyboard.press('Enter');
    const again = await page.getByRole('alert').innerText();
    await look(page);
    return { asked, address, refused, done, again };
  },

  async screenshots() {
    const tablet = await (await person({ javaScriptEnabled: false, userAgent: 'Mozilla/5.0 (Android 15; Tablet) Firefox/145.0' })).newPage();
    await login(tablet, 'sam');
    await tablet.getByText('Rename').click();
    await tablet.getByLabel('Name of this device').fill('kitchen tablet');
    await tablet.keyboard.press('Enter');
    await tablet.getByText('name of the device was saved').waitFor();
    for (const colorScheme of ['light', 'dark']) {
      const page = await (await person({ colorScheme, viewport: { width: 680, height: 900 } })).newPage();
      await login(page, 'sam');
      await page.getByText('You are signed in as sam').waitFor();
      await page.screenshot({ path: `${folder}/account-${colorScheme}.png`, fullPage: true });
      if (colorScheme === 'dark')
        continue;
      await picture(page, section(page, 'Devices'), `${folder}/devices.png`);
      await section(page, 'Two-step sign-in').getByLabel('Current password').fill(password);
      await page.getByRole('button', { name: 'Set up', exact: true }).click();
      await page.locator('svg.qr').waitFor();
      await picture(page, section(page, 'Two-step sign-in'), `${folder}/second-factor.png`);
    }
    return {};
  },
};

// All of them side by side in one browser: each is a different person's.
const seen = {};
await Promise.all(Object.entries(scenarios).map(async ([name, run]) => {
  try {
    seen[name] = await run();
  } catch (error) {
    seen[name] = { error: String(error.stack) };
  }
}));
await browser.close();
console.log(JSON.stringify({ ...seen, wrong }));
