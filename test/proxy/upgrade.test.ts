import type { IncomingMessage } from 'node:http';
import t from 'tap';
import { announcesBody, mayUpgrade, plainHead, upgradeFields } from '../../src/proxy/upgrade.ts';

const request = (rawHeaders: readonly string[], minor = 1): IncomingMessage =>
  ({
    method: 'GET',
    url: '/a?b\xff',
    httpVersion: `1.${minor}`,
    httpVersionMinor: minor,
    rawHeaders,
  }) as unknown as IncomingMessage;

t.test('what may leave HTTP', async (t) => {
  for (const fields of [
    ['Upgrade', 'websocket'],
    ['UPGRADE', 'h2c, websocket'],
    ['Upgrade', 'h2c', 'upgrade', 'TLS/1.0'],
    ['Upgrade', 'x', 'Content-Length', '0'],
    ['Upgrade', 'httpish'],
  ]) {
    t.ok(mayUpgrade(request(fields)), fields.join());
  }
  for (const fields of [
    [],
    ['Upgrade', ''],
    ['Upgrade', 'h2c'],
    ['Upgrade', 'H2, HTTP/2.0,http, h3'],
    ['Upgrade', 'x', 'Content-Length', '1'],
    ['Upgrade', 'x', 'transfer-encoding', 'chunked'],
    ['Upgrade', 'x', 'Expect', '100-continue'],
    ['X-Upgrade', 'x'],
  ]) {
    t.notOk(mayUpgrade(request(fields)), fields.join());
  }
  t.notOk(mayUpgrade(request(['Upgrade', 'x'], 0)), 'not in HTTP/1.0');
});

t.test('a body', async (t) => {
  t.ok(announcesBody(request(['content-LENGTH', '00'])), 'what is no plain 0 may be anything');
  t.ok(announcesBody(request(['Transfer-Encoding', 'x'])));
  t.notOk(announcesBody(request(['Content-Length', '0', 'Trailer', 'x'])));
});

t.test('fields of an upgrade, and of a request that is none', async (t) => {
  const fields = ['Host', 'a', 'Upgrade', 'h2c', 'X', '1', 'UPGRADE', 'http/3,ws , x/1', 'X', '2'];
  t.same(upgradeFields(fields), ['Host', 'a', 'X', '1', 'UPGRADE', 'ws, x/1', 'X', '2']);
  t.equal(
    plainHead(request(fields), false).toString('latin1'),
    'GET /a?b\xff HTTP/1.1\r\nHost: a\r\nX: 1\r\nX: 2\r\n\r\n',
  );
  t.match(plainHead(request(fields, 0), true).toString('latin1'), /^GET .* HTTP\/1\.0\r\nConnection: close\r\nHost/);
});
