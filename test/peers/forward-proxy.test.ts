import { createHash } from 'node:crypto';
import t, { type Test } from 'tap';
import { join, trusting } from '../fixtures/pair.ts';
import { startUpstream } from '../fixtures/upstreams.ts';
import { type Answered, beside, run } from './local.ts';

/** The program's answers are an account of each request, and a WebSocket echo on the raw protocol. */
async function start(t: Test) {
  const up = await startUpstream(t, {
    ...trusting,
    upgrade: (request, socket) => {
      const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
      const accept = createHash('sha1').update(key).digest('base64');
      const head = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${head}`);
      let bytes = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk]);
        for (let frame = read(bytes); frame !== undefined; frame = read(bytes)) {
          bytes = bytes.subarray(frame.length);
          socket.write(frame.echo);
          if (frame.opcode === 8) socket.end();
        }
      });
    },
  });
  const { proxy } = await join(t, up);
  return { up, proxy, port: String(proxy.port), host: new URL(up.url).host };
}

/** The first frame of what a client sent, and what echoes it; undefined if it is not whole. */
function read(bytes: Buffer): { length: number; opcode: number; echo: Buffer } | undefined {
  if (bytes.length < 6) return undefined;
  const short = bytes.readUInt8(1) & 0x7f;
  const start = short === 126 ? 4 : 2;
  const size = short === 126 ? bytes.readUInt16BE(2) : short;
  const length = start + 4 + size;
  if (bytes.length < length) return undefined;
  const mask = bytes.subarray(start, start + 4);
  const text = bytes.subarray(start + 4, length).map((byte, index) => byte ^ (mask[index % 4] as number));
  const head = Buffer.from(bytes.subarray(0, start));
  head.writeUInt8(short, 1);
  return { length, opcode: bytes.readUInt8(0) & 0x0f, echo: Buffer.concat([head, text]) };
}

t.test('D16 curl with the proxy as its http_proxy', async (t) => {
  const { port, host, proxy } = await start(t);
  const url = `http://${host}/iot/devices?x=%2F`;
  for (const args of [[], ['--proxytunnel'], ['--proxytunnel', '--data', 'hello', '-H', 'Expect: 100-continue']]) {
    const { code, stdout, stderr } = await run('curl', ['-q', '-sS', '-x', `http://localhost:${port}`, ...args, url]);
    t.equal(code, 0, stderr);
    t.match(JSON.parse(stdout) as Answered, { client: 'client', target: '/devices?x=%2F' });
  }
  const stranger = await run('curl', ['-q', '-sS', '-x', `localhost:${port}`, '-p', 'http://stranger.test/']);
  t.match(stranger, { code: 56, stderr: /403/ });
  const tls = await run('curl', ['-q', '-sS', '-x', `localhost:${port}`, `https://${host}/iot/devices`]);
  t.equal(tls.code, 35);
  t.match(await proxy.log.next(({ method, cause }) => method === 'CONNECT' && cause === 'bad-request'), {
    detail: /TLS inside of CONNECT/,
  });
});

t.test("D16 Python's http.client through CONNECT", async (t) => {
  const { up, port, host } = await start(t);
  const { code, stdout, stderr } = await run('python3', ['-I', beside('tunnel.py'), 'connect', port, host, '/iot/x']);
  t.equal(code, 0, stderr);
  const account = { client: 'client', method: 'POST', target: '/x', bytes: 5 };
  t.match(JSON.parse(stdout), [account, account]);
  t.equal(up.connections.length, 1);
});

for (const how of ['websocket', 'websocket-connect']) {
  t.test(`D11 D16 a WebSocket client in Python, ${how === 'websocket' ? 'directly' : 'through CONNECT'}`, async (t) => {
    const { port, host, proxy } = await start(t);
    const { code, stdout, stderr } = await run('python3', ['-I', beside('tunnel.py'), how, port, host, '/iot/chat']);
    t.equal(code, 0, stderr);
    t.same(JSON.parse(stdout), { status: 101, accepted: true, echoed: true });
    const line = await proxy.log.next(({ method }) => method === 'GET');
    t.match(line, { status: 101, path: '/iot/chat', protocol: 'TLSv1.3' });
    t.ok((line.bytesIn ?? 0) > 10_000 && (line.bytesOut ?? 0) > 10_000);
  });
}
