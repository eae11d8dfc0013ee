import type { IncomingMessage } from 'node:http';
import t from 'tap';
import { admit } from '../../src/proxy/admission.ts';

function ask(version: string, ...rawHeaders: string[]): () => void {
  const [httpVersionMajor, httpVersionMinor] = version.split('.').map(Number);
  return () => admit({ rawHeaders, httpVersionMajor, httpVersionMinor } as IncomingMessage);
}

const failure = { code: 'bad-request', status: 400, source: 'downstream' };
const host = ['Host', 'here'];

t.test('what is plain is admitted', async (t) => {
  t.doesNotThrow(ask('1.1', ...host));
  t.doesNotThrow(ask('1.0'));
  t.doesNotThrow(ask('1.1', 'hOST', '', 'Transfer-Encoding', 'CHUNKED', 'Content-Language', 'x'));
  t.doesNotThrow(ask('1.1', ...host, 'Content-Length', '9007199254740991'));
  t.doesNotThrow(ask('1.1', ...host, 'Content-Length', `${'0'.repeat(400)}5`));
});

t.test('RFC 9112 section 6.1: a coding besides chunked, twice, or in HTTP/1.0', async (t) => {
  const closed = { ...failure, close: true, message: /transfer coding/ };
  t.throws(ask('1.1', ...host, 'Transfer-Encoding', 'gzip, chunked'), closed);
  t.throws(ask('1.1', ...host, 'Transfer-Encoding', ''), closed);
  t.throws(ask('1.1', ...host, 'Transfer-Encoding', 'chunked', 'transfer-encoding', 'chunked'), closed);
  t.throws(ask('1.0', 'Transfer-Encoding', 'chunked'), closed);
});

t.test('D7 a length that a double cannot hold', async (t) => {
  for (const length of ['9007199254740992', '9'.repeat(400), 'x']) {
    t.throws(ask('1.1', ...host, 'Content-Length', length), { ...failure, close: true, message: /Content-Length/ });
  }
});

t.test('RFC 9112 section 3.2: no Host, and more than one', async (t) => {
  t.throws(ask('1.1', 'X-Host', 'here'), { ...failure, close: false, message: /no Host/ });
  for (const version of ['1.0', '1.1']) {
    t.throws(ask(version, ...host, 'A', 'b', 'host', 'there'), {
      ...failure,
      close: false,
      message: /more than one Host/,
    });
  }
});

t.test('RFC 9110 section 15.6.6: another major version', async (t) => {
  for (const version of ['0.9', '2.0']) t.throws(ask(version, ...host), { ...failure, status: 505, close: true });
});
