import t from 'tap';
import { type ConnectReply, type ReplyFault, ReplyReader } from '../../src/tls/connect-reply.ts';

/** Bytes that a reply may have. */
const longestReply = 16_384;

/** What a text is read as: at once, and byte by byte, which must be the same. */
function read(text: string): ConnectReply | ReplyFault | undefined {
  const whole = new ReplyReader().add(Buffer.from(text, 'latin1'));
  const reader = new ReplyReader();
  let found: ReturnType<ReplyReader['add']>;
  for (const byte of Buffer.from(text, 'latin1')) {
    found = reader.add(Buffer.from([byte]));
    if (found !== undefined) break;
  }
  // Byte by byte, what follows a tunnel's head is not there yet.
  if (whole !== 'trailing') t.same(found, whole, JSON.stringify(text.slice(0, 60)));
  return whole;
}

const plain = (status: number) => ({ status, schemes: [] });

t.test('replies', async (t) => {
  t.same(read('HTTP/1.1 200 Connection established\r\n\r\n'), plain(200));
  t.same(read('HTTP/1.0 200\r\n\r\n'), plain(200));
  t.same(read('HTTP/1.1 204 \r\n\r\n'), plain(204));
  t.same(read('HTTP/1.1 299 Gr\xfc\xdfe\tan alle\r\n\r\n'), plain(299));
  t.same(read('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n'), plain(200));
  t.same(read('HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nhello'), plain(403), 'the body is nobody’s');
  t.same(read('HTTP/1.1 101 Switching Protocols\r\n\r\n'), plain(101));
  t.same(read('HTTP/1.1 999 x\r\n\r\n'), plain(999));
});

t.test('more is needed', async (t) => {
  for (const text of [
    '',
    'H',
    'HTTP/1.',
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.1 200 OK\r\n\r',
    'HTTP/1.1 100 Continue\r\n\r\n',
  ]) {
    t.equal(read(text), undefined, text);
  }
});

t.test('interim responses are skipped', async (t) => {
  t.same(read('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'), plain(200));
  t.equal(read('HTTP/1.1 100 Continue\r\n\r\n\x15\x03\x03'), 'tls');
  t.equal(read('HTTP/1.1 100 Continue\r\n\r\n'.repeat(longestReply / 10)), 'too-long');
});

t.test('what is no reply', async (t) => {
  t.equal(read('SSH-2.0-OpenSSH_9.2\r\n'), 'not-http');
  t.equal(read('HTTP/2 200 OK\r\n\r\n'), 'not-http');
  t.equal(read('http/1.1 200 OK\r\n\r\n'), 'not-http');
  t.equal(read('\r\nHTTP/1.1 200 OK\r\n\r\n'), 'not-http');
  t.equal(read('\x15\x03\x03\x00\x02\x02\x32'), 'tls');
  t.equal(read('\x16\x03\x01'), 'tls');
  t.equal(read('\x05\x00'), 'not-http');
});

t.test('malformed replies', async (t) => {
  for (const text of [
    'HTTP/1.2 200 OK\r\n\r\n',
    'HTTP/1.1  200 OK\r\n\r\n',
    'HTTP/1.1 20 OK\r\n\r\n',
    'HTTP/1.1 2000 OK\r\n\r\n',
    'HTTP/1.1 099 OK\r\n\r\n',
    'HTTP/1.1 200OK\r\n\r\n',
    'HTTP/1.1 200 O\x00K\r\n\r\n',
    'HTTP/1.1 200 OK\r\nno colon\r\n\r\n',
    'HTTP/1.1 200 OK\r\n: x\r\n\r\n',
    'HTTP/1.1 200 OK\r\nA : x\r\n\r\n',
    'HTTP/1.1 200 OK\r\nA: x\r\n folded\r\n\r\n',
    'HTTP/1.1 200 OK\r\nA: x\ry\r\n\r\n',
    'HTTP/1.1 200 OK\r\nA: x\x00\r\n\r\n',
  ]) {
    t.equal(read(text), 'malformed', JSON.stringify(text));
  }
});

t.test('a lone LF is told at once, not waited behind', async (t) => {
  t.equal(read('HTTP/1.0 200 OK\n\n'), 'malformed');
  t.equal(read('HTTP/1.0 200 OK\n'), 'malformed');
  t.equal(read('HTTP/1.0 200 OK\r\nA: b\n\r\n'), 'malformed');
});

t.test('16 KiB are the most', async (t) => {
  const head = (length: number) => {
    const frame = 'HTTP/1.1 200 OK\r\nA: \r\n\r\n';
    return frame.replace('A: ', `A: ${'x'.repeat(length - frame.length)}`);
  };
  t.same(new ReplyReader().add(Buffer.from(head(longestReply))), plain(200));
  t.equal(new ReplyReader().add(Buffer.from(head(longestReply + 1))), 'too-long');
  t.equal(new ReplyReader().add(Buffer.from(`${head(longestReply)}x`)), 'trailing');
  const reader = new ReplyReader();
  t.equal(reader.add(Buffer.from(`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(9_000)}`)), undefined);
  t.equal(reader.add(Buffer.alloc(9_000, 'x')), 'too-long');
});

t.test('bytes behind the head of a tunnel', async (t) => {
  t.equal(read('HTTP/1.1 200 OK\r\n\r\nx'), 'trailing');
  t.equal(read('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'), 'trailing');
  t.equal(read('HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'), 'trailing');
});

t.test('the schemes that a proxy takes', async (t) => {
  const schemes = (...values: string[]) => {
    const found = read(`HTTP/1.1 407 x\r\n${values.map((value) => `Proxy-Authenticate: ${value}\r\n`).join('')}\r\n`);
    return typeof found === 'object' ? found.schemes : found;
  };
  t.same(schemes('Basic realm="a, NTLM, b"'), ['Basic']);
  t.same(schemes('Negotiate', 'NTLM', 'basic realm="x"'), ['Negotiate', 'NTLM', 'basic']);
  t.same(schemes('Digest realm="a \\" b", nonce = "x", qop="auth", Basic realm="y",Bearer'), [
    'Digest',
    'Basic',
    'Bearer',
  ]);
  t.same(schemes('Negotiate dG9rZW4=='), ['Negotiate']);
  t.same(schemes('', '"', '1x', '=,'), []);
  t.same(schemes('NTLM\t'), ['NTLM']);
});

t.test('why it failed, only in plain words', async (t) => {
  const reason = (...lines: string[]) => {
    const found = read(`HTTP/1.1 503 x\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`);
    return typeof found === 'object' ? found.reason : found;
  };
  t.equal(reason('X-Squid-Error: ERR_DNS_FAIL 0'), 'ERR_DNS_FAIL');
  t.equal(reason('x-squid-error: ERR_CONNECT_FAIL 111 '), 'ERR_CONNECT_FAIL');
  t.equal(reason('Proxy-Status: egress; error=dns_error; details="secret"'), 'dns_error');
  t.equal(reason('Proxy-Status: egress;error=connection_refused, other'), 'connection_refused');
  t.equal(reason('Proxy-Status: egress; error=dns_error', 'X-Squid-Error: ERR_X 0'), 'dns_error');
  t.equal(reason('Proxy-Status: egress; error="Basic abc"'), undefined);
  t.equal(reason(`Proxy-Status: egress; error=${'x'.repeat(99)}`), undefined);
  t.equal(reason('X-Squid-Error: Basic dXNlcjpwYXNz'), undefined);
  t.equal(reason(`X-Squid-Error: ERR_${'X'.repeat(99)} 0`), undefined);
  t.equal(reason('Proxy-Status: egress'), undefined);
  t.equal(reason('Via: error=dns_error'), undefined);
});
