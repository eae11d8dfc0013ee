import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { sha256 } from './app.ts';
import { type Answered, last, run, startPlace } from './local.ts';

/** A response as `curl -i` prints it; interim responses come before the last head. */
interface Printed {
  readonly head: string;
  readonly body: string;
}

async function curl(t: Test, args: readonly string[], input?: Buffer): Promise<Printed> {
  // -q first: no ~/.curlrc.
  const { code, stdout, stderr } = await run(
    'curl',
    ['-q', '-sS', '-i', ...args],
    input === undefined ? {} : { input },
  );
  t.equal(code, 0, stderr);
  const parts = stdout.split('\r\n\r\n');
  const final = parts.findIndex((part) => !part.startsWith('HTTP/1.1 1'));
  return { head: parts[final] ?? '', body: parts.slice(final + 1).join('\r\n\r\n') };
}

t.test('curl as the local program', async (t) => {
  const { base, upstream, directory } = await startPlace(t);
  const file = Buffer.alloc(2_000_000, 'a line of a file\n');
  await writeFile(join(directory, 'file'), file);

  await t.test('GET', async (t) => {
    const { head, body } = await curl(t, [`${base}/devices?x=%2F&y`]);
    t.match(head, /^HTTP\/1\.1 200 OK\r\n/);
    t.match(head, /^Content-Type: application\/json\r$/m);
    t.match(head, /^Set-Cookie: a=1\r\nSet-Cookie: b=2\r$/m);
    t.match(head, /^Via: 1\.1 mtls-proxy-[0-9a-f]{8}\r?$/m);
    t.match(JSON.parse(body), { client: 'client', method: 'GET', target: '/api/devices?x=%2F&y', bytes: 0 });
    t.match(last(upstream).values('user-agent'), [/^curl\//]);
    t.same(last(upstream).values('host'), [new URL(upstream.url).host]);
  });

  await t.test('GET of a chunked response with a trailer', async (t) => {
    const { head, body } = await curl(t, ['--raw', `${base}/stream`]);
    t.match(head, /^Transfer-Encoding: chunked\r?$/m);
    t.notMatch(head, /content-length/i);
    t.match(body, /\r\n0\r\nX-End: yes\r\n\r\n$/);
    const [account = '', trailer] = (await curl(t, [`${base}/stream`])).body.split('\n');
    t.match(JSON.parse(account), { target: '/api/stream' });
    t.equal(trailer?.trim(), 'X-End: yes', 'curl prints it behind the body');
  });

  await t.test('POST of a file', async (t) => {
    // curl asks with Expect: 100-continue for bodies of this size.
    const { body } = await curl(t, ['--data-binary', `@${join(directory, 'file')}`, `${base}/upload`]);
    t.match(JSON.parse(body), { method: 'POST', bytes: file.length, sha256: sha256(file) });
    t.same(last(upstream).values('content-length'), [String(file.length)]);
    t.ok(
      last(upstream)
        .values('expect')
        .every((value) => value === '100-continue'),
      'asked of the upstream',
    );
  });

  await t.test('chunked upload from standard input', async (t) => {
    const { body } = await curl(t, ['-T', '-', `${base}/upload`], file);
    t.match(JSON.parse(body) as Answered, { method: 'PUT', bytes: file.length, sha256: sha256(file) });
    t.same(last(upstream).values('transfer-encoding'), ['chunked']);
    t.same(last(upstream).values('content-length'), []);
  });

  await t.test('HEAD', async (t) => {
    const { head, body } = await curl(t, ['--head', `${base}/devices`]);
    t.match(head, /^HTTP\/1\.1 200 OK\r\n/);
    t.match(head, /^Content-Length: [1-9]\d*\r?$/m);
    t.equal(body, '');
    t.equal(last(upstream).method, 'HEAD');
  });

  await t.test('HTTP/1.0', async (t) => {
    const { head, body } = await curl(t, ['--http1.0', `${base}/stream`]);
    t.match(head, /^HTTP\/1\.[01] 200 OK\r\n/);
    t.notMatch(head, /^Transfer-Encoding:/m, 'a client of HTTP/1.0 knows no chunks');
    t.match(JSON.parse(body), { method: 'GET', target: '/api/stream' });
    const posted = await curl(t, ['--http1.0', '-d', 'a=b', `${base}/form`]);
    t.match(JSON.parse(posted.body), { method: 'POST', bytes: 3, sha256: sha256('a=b') });
    t.match(last(upstream), { httpVersion: '1.1' });
    t.match(last(upstream).values('via'), [/^1\.0 mtls-proxy-[0-9a-f]{8}$/]);
  });

  await t.test('two requests over one connection', async (t) => {
    const { code, stdout, stderr } = await run('curl', ['-q', '-sS', '-v', `${base}/1`, `${base}/2`]);
    t.equal(code, 0, stderr);
    t.match(stderr, /Re-using existing connection/);
    t.same(
      stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as Answered).target),
      ['/api/1', '/api/2'],
    );
  });

  await t.test("the upstream's own error, and the proxy's", async (t) => {
    const missing = await curl(t, [`${base}/missing`]);
    t.match(missing.head, /^HTTP\/1\.1 404 Not Found\r\n/);
    t.match(JSON.parse(missing.body), { target: '/api/missing' });
    const refused = await curl(t, ['-d', 'secret', base.replace('/iot', '/refused')]);
    t.match(refused.head, /^HTTP\/1\.1 502 Bad Gateway\r\n/);
    t.match(refused.head, /^Content-Type: application\/problem\+json\r$/m);
    t.match(refused.head, /^Proxy-Status: mtls-proxy; error=connection_terminated; /m);
    t.match(JSON.parse(refused.body), { status: 502, cause: 'client-certificate', route: 'refused' });
    t.equal(last(upstream).target, '/api/missing', 'the refused request was not delivered');
  });
});
