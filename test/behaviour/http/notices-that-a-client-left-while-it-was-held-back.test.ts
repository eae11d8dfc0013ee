import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { open, rawRequest } from '../../fixtures/client.ts';
import { scene } from '../../fixtures/ladder.ts';
import { startPair, startRawPair } from '../../fixtures/pair.ts';
import type { LogLine } from '../../fixtures/proxy.ts';
import type { Scope } from '../../fixtures/teardown.ts';
import { connectionsTo, descriptors, settled } from '../../fixtures/vitals.ts';
import type { Wire } from '../../fixtures/wire.ts';

// What a client sends is not read while nobody takes it, and only by reading Node learns that it has left.

/** "Within a second", against an idle time-out of two minutes; how much later a busy machine tells of it is not the proxy's doing. */
const patience = 20_000;

/** More than all kernels on the way keep. */
const much = Buffer.alloc(50_000_000, 'x');

/** Begins an upload that is never whole, behind other bytes. */
async function upload(t: Scope, port: number, body = much, before = ''): Promise<Wire> {
  const wire = await rawRequest(
    t,
    port,
    `${before}POST /iot HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n`,
  );
  wire.socket.write(body);
  return wire;
}

/** Waits until a socket gets rid of nothing more. Too early only makes a test see less. */
async function heldBack(socket: Socket): Promise<void> {
  let before = -1;
  await settled(
    async () => {
      const same = socket.writableLength === before;
      before = socket.writableLength;
      return same;
    },
    (same) => same,
  );
}

async function soon<T>(happens: Promise<T>): Promise<T | 'too late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'too late'>((resolve) => {
    timer = setTimeout(() => resolve('too late'), patience);
  });
  const first = await Promise.race([happens, late]);
  clearTimeout(timer);
  return first;
}

const left: Partial<LogLine> = { aborted: true };

for (const how of ['close', 'reset'] as const) {
  t.test(`D15 a ${how} while the upstream takes nothing`, async (t) => {
    const { up, proxy, logged } = await startPair(t, { handler: () => undefined });
    const before = (await descriptors(proxy.pid)).length;
    const wire = await upload(t, proxy.port);
    await up.requests.first();
    await heldBack(wire.socket);
    void wire[how]();
    const line = await soon(logged());
    t.match(line, { ...left, status: 0, cause: undefined });
    // This upstream does not read either: only the kernel tells that its connection is gone.
    t.equal(
      await settled(
        () => connectionsTo(up.port),
        (count) => count === 0,
      ),
      0,
    );
    const back = await settled(
      () => descriptors(proxy.pid),
      ({ length }) => length <= before,
    );
    t.equal(back.length, before, 'no descriptor lost');
  });

  t.test(`D15 a ${how} while the request waits for a connection`, async (t) => {
    const { up, url, proxy, logged } = await startPair(t, {
      route: { pool: { maxConnections: 1 } },
      handler: () => undefined,
    });
    const { request } = open(url);
    await up.requests.first();
    const wire = await upload(t, proxy.port);
    await heldBack(wire.socket);
    void wire[how]();
    t.match(await soon(logged()), { ...left, method: 'POST' });
    request.destroy();
  });

  // More than Node reads before somebody takes it, on 20 or later, and less than the kernel keeps: its FIN is there, too.
  for (const bytes of [120_000, 180_000]) {
    t.test(`D15 a ${how} while the request waits, ${bytes} bytes of it sent`, async (t) => {
      const { up, url, proxy, logged } = await startPair(t, {
        route: { pool: { maxConnections: 1 } },
        handler: () => undefined,
      });
      const { request } = open(url);
      await up.requests.first();
      const wire = await upload(t, proxy.port, much.subarray(0, bytes));
      await heldBack(wire.socket);
      t.equal(wire.socket.writableLength, 0);
      void wire[how]();
      t.match(await soon(logged()), { ...left, method: 'POST' });
      request.destroy();
    });
  }

  t.test(`D15 A26 a ${how} while the ladder goes on`, async (t) => {
    const { front, proxy } = await scene(t, { decide: () => 'silent' });
    const wire = await upload(t, proxy.port);
    const hello = await front.hellos.first();
    await heldBack(wire.socket);
    void wire[how]();
    t.match(await soon(proxy.log.next('request')), left);
    await hello.closed;
  });

  t.test(`D15 a ${how} of a request that waits behind another one of its client`, async (t) => {
    const { up, proxy, logged } = await startPair(t, { handler: () => undefined });
    const wire = await upload(t, proxy.port, much, 'GET /iot HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await up.requests.first();
    await heldBack(wire.socket);
    void wire[how]();
    t.match(await soon(logged()), { ...left, method: 'GET' });
    t.equal(await soon(up.connections.at(0).closed), undefined);
  });
}

t.test('D15 a close behind a response that is under way', async (t) => {
  const { up, proxy, logged } = await startRawPair(t, async (connection) => {
    await connection.head();
    await connection.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc');
  });
  const wire = await rawRequest(t, proxy.port, 'GET /iot HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await wire.until('abc');
  // More than is kept of what comes behind a request.
  wire.socket.write(much);
  await heldBack(wire.socket);
  void wire.close();
  t.match(await soon(logged()), { ...left, status: 200, cause: undefined });
  t.not(await soon(up.connections.at(0).ended), 'too late');
});

const switching = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';
const upgrade = 'GET /iot HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';

t.test('D15 D11 a reset of a tunnel whose upstream takes nothing', async (t) => {
  const { up, proxy, logged } = await startRawPair(t, async (connection) => {
    await connection.head();
    connection.socket.pause();
    await connection.write(switching);
  });
  const wire = await rawRequest(t, proxy.port, upgrade);
  await wire.head();
  wire.socket.write(much);
  await heldBack(wire.socket);
  wire.reset();
  t.match(await soon(logged()), { ...left, status: 101 });
  t.equal(
    await settled(
      () => connectionsTo(up.port),
      (count) => count === 0,
    ),
    0,
  );
});

t.test('D15 D11 a reset of a tunnel whose client had ended its side', async (t) => {
  const { up, proxy, logged } = await startRawPair(t, async (connection) => {
    await connection.head();
    await connection.write(switching);
  });
  const wire = await rawRequest(t, proxy.port, upgrade);
  await wire.head();
  wire.end('bye');
  await up.connections.at(0).ended;
  t.equal(up.connections.at(0).text().slice(-3), 'bye');
  wire.reset();
  t.match(await soon(logged()), { ...left, status: 101 });
});

t.test('D15 a close on a unix socket while the upstream takes nothing', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'mtls-proxy-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const unix = join(folder, 'p.sock');
  const { up, logged } = await startPair(t, { config: { listen: `unix:${unix}` }, handler: () => undefined });
  const socket = connect(unix);
  t.teardown(() => socket.destroy());
  socket.write('POST /iot HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n');
  socket.write(much);
  await up.requests.first();
  await heldBack(socket);
  socket.destroy();
  t.match(await soon(logged()), left);
});
