// A person at a real Chromium. node browse.mjs SCENARIO ORIGIN PASSWORD [FOLDER]; prints what was
// seen as JSON, and leaves the judging to test_browser.py.
import { arrived, launch, profile, text } from './support/person.mjs';

const [scenario, origin, password, folder] = process.argv.slice(2);
const PAGE = origin + '/app/page.html?q=1&x=a%20b#part';
const DENIED = origin + '/wiki/index.php';
const GATE = '__Host-pintle-gate';

const browser = await launch();
const person = (options) => profile(browser, options);

const fill = async (page, name, secret = password) => {
  await page.locator('#password').waitFor();
  await page.fill('#username', name);
  await page.fill('#password', secret);
  await page.click('#login button');
};
const login = async (page, name, address) => {
  await page.goto(address);
  await fill(page, name);
};
const signedIn = async (context, name = 'ada') => {
  const page = await context.newPage();
  await login(page, name, PAGE);
  await arrived(page);
  return page;
};
// A page of another site, with a form that is sent as soon as the page is there.
const stranger = async (context, target) => {
  await context.route('https://stranger.example/', (route) => route.fulfill({
    contentType: 'text/html',
    body: `<form method="post" action="${target}"><input name="amount" value="1000"></form>
      <script>document.forms[0].submit()</script>`,
  }));
  const page = await context.newPage();
  await page.goto('https://stranger.example/', { waitUntil: 'commit' });
  await page.waitForURL(target);
  return page;
};

const scenarios = {
  async login_in_place() {
    const page = await (await person()).newPage();
    const first = await page.goto(PAGE);
    await page.locator('#password').waitFor();
    const asked = page.url();
    await fill(page, 'ada');
    await arrived(page);
    return { status: first.status(), asked, url: page.url(), text: await text(page) };
  },

  async wrong_password() {
    const page = await (await person()).newPage();
    await page.goto(PAGE);
    await fill(page, 'ada', 'not the password');
    await page.locator('#message').waitFor();
    const seen = { message: await page.locator('#message').innerText(), url: page.url(),
      left: await page.inputValue('#password'), focus: await page.evaluate(() => document.activeElement.id) };
    await fill(page, 'ada');
    await arrived(page);
    return { ...seen, text: await text(page) };
  },

  async silent_refresh() {
    const context = await person();
    const page = await signedIn(context);
    await context.clearCookies({ name: GATE });
    const first = await page.goto(origin + '/app/silent.html?q=2#part2');
    await arrived(page);
    const cookies = (await context.cookies()).map((cookie) => cookie.name);
    return { status: first.status(), url: page.url(), text: await text(page), gate: cookies.includes(GATE) };
  },

  async tabs() {
    const context = await person();
    const first = await signedIn(context);
    await context.clearCookies({ name: GATE });
    const tabs = await Promise.all(Array.from({ length: 6 }, () => context.newPage()));
    await Promise.all(tabs.map(async (tab, number) => {
      await tab.goto(`${origin}/app/tab.html?n=${number}`);
      await arrived(tab);
    }));
    const texts = await Promise.all(tabs.map(text));
    await first.goto(origin + '/auth/');
    await first.click('button');
    await first.waitForLoadState();
    const after = [];
    for (const tab of tabs)
      after.push((await tab.reload()).status());
    return { texts, after };
  },

  async post_of_a_stranger() {
    const page = await stranger(await person(), origin + '/app/pay.html');
    await page.locator('#password').waitFor();
    const before = await text(page);
    await fill(page, 'ada');
    await page.locator('#done').waitFor();
    const after = await text(page);
    await page.click('#open');
    await arrived(page);
    return { before, after, text: await text(page), url: page.url() };
  },

  async post_of_a_stranger_signed_in() {
    const context = await person();
    await signedIn(context);
    const page = await stranger(context, origin + '/app/pay.html');
    await page.locator('#done').waitFor();
    return { after: await text(page), url: page.url() };
  },

  async denied() {
    const page = await (await person()).newPage();
    await login(page, 'bob', DENIED);
    await page.getByText('has no access to this page').waitFor();
    const seen = { text: await text(page), url: page.url() };
    await page.click('button');
    await fill(page, 'ada');
    await arrived(page);
    return { ...seen, after: page.url(), allowed: await text(page) };
  },

  async too_many() {
    const page = await (await person()).newPage();
    await page.goto(PAGE);
    let message = '';
    for (let tries = 0; tries < 5 && !message.includes('many'); tries++) {
      await fill(page, 'eve', 'not the password');
      await page.locator('#login button:enabled').waitFor();
      message = await page.locator('#message').innerText();
    }
    return { message };
  },

  // Chromium as people start it: with its back/forward cache, which test drivers switch off.
  async back_after_logout() {
    const own = await launch({ ignoreDefaultArgs: ['--disable-back-forward-cache'] });
    // A page that comes out of that cache is not loaded: nothing reports it.
    const back = async (page) => {
      await page.evaluate(() => history.back());
      await page.waitForTimeout(700);
    };
    try {
      const page = await signedIn(await profile(own));
      await page.evaluate(() => addEventListener('pageshow', (event) => document.title = `persisted ${event.persisted}`));
      await page.goto(origin + '/auth/account');
      await back(page);
      const kept = await page.title();
      await page.goto(origin + '/auth/');
      await page.click('button');
      await page.waitForLoadState();
      const steps = [];
      while (steps.length < 3) {
        await back(page);
        steps.push({ url: page.url(), text: await text(page) });
      }
      // Once more, with the logout in another tab while the page is in that cache.
      const again = await signedIn(page.context());
      await again.goto(origin + '/auth/account');
      const other = await page.context().newPage();
      await other.goto(origin + '/auth/');
      await other.click('button');
      await other.waitForLoadState();
      await back(again);
      return { kept, steps, other: { url: again.url(), text: await text(again) } };
    } finally {
      await own.close();
    }
  },

  // The same with something that is no page but was viewed as one: a picture, data.
  async back_to_a_part() {
    const own = await launch({ ignoreDefaultArgs: ['--disable-back-forward-cache'] });
    try {
      const seen = {};
      for (const name of ['picture.svg', 'data.json', 'picture.png']) {
        const page = await signedIn(await profile(own));
        const first = await page.goto(`${origin}/files/${name}`);
        await page.goto(origin + '/auth/');
        await page.click('button');
        await page.waitForLoadState();
        for (let steps = 0; steps < 4 && !page.url().endsWith(name); steps++) {
          await page.evaluate(() => history.back());
          await page.waitForTimeout(700);
        }
        seen[name] = { status: first.status(), url: page.url(), shown: await page.locator('#password').count() === 0 };
      }
      return seen;
    } finally {
      await own.close();
    }
  },

  async logout() {
    const context = await person();
    const page = await signedIn(context);
    await page.goto(origin + '/auth/');
    const who = await text(page);
    await page.click('button');
    await page.waitForLoadState();
    const cookies = (await context.cookies()).map((cookie) => cookie.name);
    const back = await page.goto(PAGE);
    await page.locator('#password').waitFor();
    return { who, cookies, status: back.status() };
  },

  async without_javascript() {
    const page = await (await person({ javaScriptEnabled: false })).newPage();
    const address = origin + '/app/page.html?q=1';
    await page.goto(address);
    await fill(page, 'ada', 'not the password');
    const refused = await text(page);
    await fill(page, 'ada');
    await page.waitForURL(address);
    return { refused, url: page.url(), text: await text(page) };
  },

  async screenshots() {
    for (const colorScheme of ['light', 'dark']) {
      const page = await (await person({ colorScheme, viewport: { width: 640, height: 560 } })).newPage();
      await page.goto(PAGE);
      await page.locator('#password').waitFor();
      await page.screenshot({ path: `${folder}/login-${colorScheme}.png` });
      if (colorScheme === 'dark')
        continue;
      await login(page, 'bob', DENIED);
      await page.getByText('has no access to this page').waitFor();
      await page.screenshot({ path: `${folder}/denied.png` });
    }
    return {};
  },
};

try {
  console.log(JSON.stringify(await scenarios[scenario]()));
} finally {
  await browser.close();
}
