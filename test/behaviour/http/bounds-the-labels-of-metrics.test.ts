import t from 'tap';
import { rawRequest, send } from '../../fixtures/client.ts';
import { ask, offers, pass, scene } from '../../fixtures/ladder.ts';
import { makePki, pkiFiles } from '../../fixtures/pki.ts';
import { oneRoute, runProxy } from '../../fixtures/proxy.ts';
import { startRawUpstream } from '../../fixtures/upstreams.ts';

const admin = { config: { admin: '127.0.0.1:0' } };

/** The series of the program's own metrics, without their values. */
async function series(admin: string): Promise<string[]> {
  const text = (await send(`${admin}/metrics`)).text();
  return text.split('\n').flatMap((line) => /^(mtls_proxy_.*) [^ ]+$/.exec(line)?.[1] ?? []);
}

t.test('E14 methods, hosts, paths and fields that clients make up add no series', async (t) => {
  const { proxy } = await scene(t, { decide: pass, ...admin });
  const flood = async (round: number): Promise<void> => {
    for (const method of ['GET', 'PROPFIND', 'REPORT', 'M-SEARCH', 'SOURCE'])
      await send(`${proxy.url}/iot/${round}`, { method });
    await send(`${proxy.url}/made-up-${round}`);
    await send(`${proxy.url}/iot`, { headers: { Host: `made-up-${round}.example` } });
    await send(`${proxy.url}/iot`, { headers: { Origin: `https://made-up-${round}.example` } });
    await send(`${proxy.url}/iot`, { headers: { 'X-Forwarded-For': `made-up-${round}`, TE: `made-up-${round}` } });
    for (const bytes of [
      `MADEUP${round} / HTTP/1.1\r\n\r\n`,
      `GET / HTTP/9.${round % 10}\r\n\r\n`,
      `GET /iot HTTP/1.1\r\n\r\n`,
    ]) {
      await (await rawRequest(t, proxy.port, bytes)).head();
    }
    const last = await send(`${proxy.url}/iot/last-${round}`);
    t.equal(last.status, 200);
    await proxy.log.next(({ path }) => path === `/iot/last-${round}`);
  };
  await flood(0);
  const before = await series(proxy.admin);
  for (let round = 1; round <= 20; round += 1) await flood(round);
  const after = await series(proxy.admin);
  t.same(after, before);
  t.notMatch(after.join('\n'), /made-up|MADEUP|PROPFIND|last-/i);
});

t.test('E14 statuses that an upstream makes up become their class', async (t) => {
  const { proxy, up } = await scene(t, { decide: pass, ...admin });
  let status = 0;
  up.handler = (request, response) => {
    request.resume();
    response.writeHead(status).end();
  };
  const made = [218, 299, 399, 430, 499, 520, 599, 600, 700, 799, 800, 999];
  for (status of [200, ...made]) t.equal((await send(`${proxy.url}/iot/${status}`)).status, status);
  await proxy.log.next(({ path }) => path === '/iot/999');
  const codes = (await series(proxy.admin)).flatMap((line) => /requests_total\{.*code="([^"]*)"/.exec(line)?.[1] ?? []);
  t.same(codes.sort(), ['200', '2xx', '3xx', '4xx', '5xx', '6xx', '7xx', '8xx', '9xx']);
  const text = (await send(`${proxy.admin}/metrics`)).text();
  t.match(text, 'mtls_proxy_requests_total{route="iot",code="5xx",cause=""} 2');
});

t.test('E14 a status that is none is the upstream’s fault, and no label', async (t) => {
  const pki = await makePki();
  const raw = await startRawUpstream(t, {
    cert: pki.server.chain,
    key: pki.server.key,
    script: async (connection) => {
      await connection.until('\r\n\r\n');
      connection.write('HTTP/1.1 1000 Made up\r\nContent-Length: 0\r\n\r\n');
    },
  });
  const proxy = await runProxy(t, { config: { ...oneRoute(raw.url), ...admin.config }, files: pkiFiles(pki) });
  t.match(await ask(proxy), { reply: { status: 502 }, line: { cause: 'bad-response' } });
  t.match((await series(proxy.admin)).join('\n'), 'requests_total{route="iot",code="502",cause="bad-response"}');
});

t.test('the first fallback, downgrade and replay show as an increase, because their series begin at 0', async (t) => {
  const { proxy } = await scene(t, { decide: pass, ...admin });
  const text = (await send(`${proxy.admin}/metrics`)).text();
  const [top, ...lower] = offers('TLSv1.3+TLSv1.2', 'TLSv1.2');
  for (const to of lower) t.match(text, `mtls_proxy_fallbacks_total{route="iot",from="${top}",to="${to}"} 0\n`);
  t.match(text, 'mtls_proxy_downgrades_total{route="iot"} 0\n');
  t.match(text, 'mtls_proxy_replays_total{route="iot"} 0\n');
  t.match(text, 'mtls_proxy_ready 1\n');
  t.match(text, /^mtls_proxy_build_info\{version="\d+\.\d+\.\d+"\} 1$/m);
});
