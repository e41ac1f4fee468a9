// Pages of a site that use pintle.js, in a real Chromium. node client.mjs SCENARIO ORIGIN PASSWORD
// [SECRET]; prints what was seen as JSON, and leaves the judging to test_client.py.
import { launch, profile } from './support/person.mjs';

const [scenario, origin, password] = process.argv.slice(2);

const browser = await launch();
const red = [];

// A tab with the client in it, at a page of the site that is open to everyone; window.pintle is the
// client.
const tab = async (context) => {
  const page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && red.push(message.text()));
  page.on('pageerror', (error) => red.push(String(error)));
  await page.route(origin + '/page', (route) => route.fulfill({
    contentType: 'text/html',
    headers: { 'Content-Security-Policy': "default-src 'none'; script-src 'self'; connect-src 'self' https://elsewhere.example; img-src data:" },
    body: '<!doctype html><title>page</title><link rel="icon" href="data:,"><script type="module" src="/start.js"></script>',
  }));
  await page.route(origin + '/start.js', (route) => route.fulfill({
    contentType: 'text/javascript',
    body: 'import pintle from "/auth/client.js"; window.pintle = pintle; window.seen = [];' +
      'pintle.addEventListener("change", () => seen.push(pintle.state));',
  }));
  await page.goto(origin + '/page');
  await page.waitForFunction(() => window.pintle);
  return page;
};
const plain = ({ state, error, reason, text, user }) => ({ state, error, reason, text, user: user?.name });
const who = { username: 'ada', password };
const signIn = (page, what = who) => page.evaluate((what) => pintle.signIn(what), what).then(plain);
const refresh = (page) => page.evaluate(() => pintle.refresh()).then(plain);
const state = (page) => page.evaluate(() => ({ state: pintle.state, user: pintle.user?.name, seen: window.seen }));
const ask = (page, path, init) => page.evaluate(async ([path, init]) => {
  const answer = await pintle.fetch(path, init);
  return { status: answer.status, text: await answer.text() };
}, [path, init]);
// Counts what is sent to an address below the mount, and may answer in its place.
const watch = async (context, path, handle) => {
  const asked = [];
  await context.route(origin + '/auth' + path, async (route) => {
    asked.push(Date.now());
    await (handle ? handle(route, asked.length) : route.continue());
  });
  return asked;
};

const scenarios = {
  async stranger() {
    const page = await tab(await profile(browser));
    const first = await refresh(page);
    const token = await page.evaluate(() => pintle.token());
    return { first, token, red, head: await page.evaluate(async () => {
      const answer = await fetch('/auth/client.js');
      return Object.fromEntries(answer.headers);
    }) };
  },

  async one_for_all() {
    const context = await profile(browser);
    const tabs = [await tab(context), await tab(context), await tab(context)];
    const wrong = await signIn(tabs[0], { ...who, password: 'not the password' });
    const good = await signIn(tabs[0]);
    await tabs[2].waitForFunction(() => pintle.state === 'in');
    const states = await Promise.all(tabs.map(state));
    const asked = await watch(context, '/refresh');
    // An access token lives for 12 s here: it is refreshed 4 s before its end.
    await Promise.all(tabs.map((page) => page.evaluate(() => pintle.token())));
    const early = asked.length;
    await tabs[0].waitForTimeout(9500);
    const once = asked.length;
    const tokens = await Promise.all(tabs.map((page) => page.evaluate(() => pintle.token())));
    const late = await tab(context);
    await late.waitForFunction(() => pintle.state === 'in');
    const joined = await state(late);
    await late.evaluate(() => pintle.token());
    const kept = await late.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href,
      document.documentElement.outerHTML]));
    const after = asked.length;
    const out = plain(await tabs[1].evaluate(() => pintle.signOut()));
    await late.waitForFunction(() => pintle.state === 'out');
    return { wrong, good, states, early, once, same: new Set(tokens).size, joined, after, out,
      held: tokens.some((token) => kept.includes(token)), ends: await Promise.all([...tabs, late].map(state)), red };
  },

  async network() {
    const context = await profile(browser);
    const page = await tab(context);
    await signIn(page);
    let how = 'away';
    const asked = await watch(context, '/refresh', (route) => how === 'away' ? route.abort() :
      how === 'broken' ? route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>502</h1>' }) :
        how === 'foreign' ? route.fulfill({ status: 403, contentType: 'text/html', body: 'a firewall' }) : route.continue());
    const seen = {};
    for (how of ['away', 'broken', 'foreign']) {
      const answer = await refresh(page);
      seen[how] = [answer.state, (await state(page)).state];
    }
    await context.setOffline(true);
    await page.waitForTimeout(13000); // past the end of the token
    seen.offline = [await page.evaluate(() => pintle.token()), (await state(page)).state];
    how = 'good';
    await context.setOffline(false);
    await page.waitForFunction(() => pintle.token());
    seen.back = [Boolean(await page.evaluate(() => pintle.token())), (await state(page)).state];
    return { ...seen, asked: asked.length > 3 };
  },

  async repeated() {
    const context = await profile(browser);
    const page = await tab(context);
    await signIn(page);
    const first = await ask(page, '/app/api/echo', { method: 'POST', body: 'the body' });
    // The guard learns that the token has ended; the one that comes next is good.
    const spoilt = [];
    await context.route(origin + '/app/api/spoilt', async (route) => {
      const request = route.request();
      spoilt.push([request.method(), request.postData()]);
      if (spoilt.length > 1)
        return route.continue();
      return route.fulfill({ status: 401, headers: { 'X-Auth-Reason': 'signed_out' }, body: '{}' });
    });
    const again = await ask(page, '/app/api/spoilt', { method: 'POST', body: 'the body' });
    const others = [];
    await context.route(origin + '/app/api/others', (route) => {
      others.push(route.request().headers().authorization?.slice(0, 7));
      return route.fulfill({ status: 401, headers: { 'WWW-Authenticate': 'Basic realm="mine"' }, body: '{}' });
    });
    const foreign = await ask(page, '/app/api/others');
    const strangers = [];
    await context.route('https://elsewhere.example/**', (route) => {
      strangers.push(route.request().headers().authorization ?? null);
      return route.fulfill({ headers: { 'Access-Control-Allow-Origin': '*' }, body: '' });
    });
    const elsewhere = await page.evaluate(() => pintle.fetch('https://elsewhere.example/').then(() => 1, () => 0));
    return { first, again, spoilt, foreign, others, strangers, elsewhere };
  },

  async second_factor() {
    const context = await profile(browser);
    const page = await tab(context);
    const asked = await page.evaluate(async (who) => {
      window.asked = await pintle.signIn(who);
      return { state: asked.state, error: asked.error };
    }, { username: 'otto', password });
    const wrong = plain(await page.evaluate(() => asked.proceed('000000')));
    const good = plain(await page.evaluate((code) => asked.proceed(code), process.argv[5]));
    const other = await tab(await profile(browser));
    await other.evaluate(async (who) => {
      window.asked = await pintle.signIn(who);
    }, { username: 'erna', password });
    const enrol = await other.evaluate(() => asked.state);
    await Promise.all([other.waitForNavigation(), other.evaluate(() => asked.proceed())]);
    return { asked, wrong, good, enrol, url: other.url(), page: await other.locator('body').innerText() };
  },

  async ended() {
    const context = await profile(browser);
    const [page, other] = [await tab(context), await tab(context)];
    await signIn(page);
    await other.waitForFunction(() => pintle.state === 'in');
    const gone = await page.evaluate(async () => {
      const token = await pintle.token();
      await fetch('/auth/sessions', { method: 'DELETE', headers: { Authorization: 'Bearer ' + token } });
      return pintle.refresh();
    });
    await other.waitForFunction(() => pintle.state === 'out');
    return { gone: plain(gone), other: await other.evaluate(() => ({ state: pintle.state, reason: pintle.reason, text: pintle.text })) };
  },
};

try {
  console.log(JSON.stringify(await scenarios[scenario]()));
} finally {
  await browser.close();
}
