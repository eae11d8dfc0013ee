import t from 'tap';
import { rawRequest } from '../../fixtures/client.ts';
import { startRawPair } from '../../fixtures/pair.ts';
import { whileStill } from '../../fixtures/stand-still.ts';
import type { RawConnection } from '../../fixtures/upstreams.ts';

/** Leaves all to the test. */
const listen = ({ socket, ended }: RawConnection): unknown => {
  socket.setNoDelay(true); // or what is written may wait for an acknowledgement, and be gone with the reset
  return ended;
};

for (const version of ['1.1', '1.0']) {
  t.test(
    `D8 a response that only its end delimits is cut by a reset that comes with it (HTTP/${version})`,
    async (t) => {
      const { up, proxy, logged } = await startRawPair(t, listen);
      const wire = await rawRequest(t, proxy.port, `GET /iot HTTP/${version}\r\nHost: localhost\r\n\r\n`);
      const connection = await up.connections.first();
      await connection.head();
      await whileStill(proxy, async () => {
        await connection.write('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\na part of it');
        connection.reset();
      });
      const ending = await wire.ended;
      if (version === '1.0') t.equal(ending, 'ECONNRESET', 'its end would say that this is all');
      t.notMatch(wire.text(), /\r\n0\r\n\r\n$/, 'no last chunk');
      t.match(await logged(), { cause: 'bad-response', aborted: true });
    },
  );
}

t.test('D8 an end that comes with the last bytes is an end', async (t) => {
  const { up, proxy, logged } = await startRawPair(t, listen);
  const wire = await rawRequest(t, proxy.port, 'GET /iot HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const connection = await up.connections.first();
  await connection.head();
  await whileStill(proxy, () => connection.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it'));
  t.match((await wire.until('\r\n0\r\n\r\n')).toString(), /all of it/);
  const line = await logged();
  t.match(line, { status: 200 });
  t.notOk('cause' in line);
});

t.test('D11 a tunnel that is reset with its last bytes is reset for the client too', async (t) => {
  const { up, proxy, logged } = await startRawPair(t, listen);
  const fields = 'Host: localhost\r\nConnection: Upgrade\r\nUpgrade: x\r\n';
  const wire = await rawRequest(t, proxy.port, `GET /iot HTTP/1.1\r\n${fields}\r\n`);
  const connection = await up.connections.first();
  await connection.head();
  await connection.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
  await wire.head();
  await whileStill(proxy, async () => {
    await connection.write('a part of it');
    connection.reset();
  });
  t.equal(await wire.ended, 'ECONNRESET');
  t.match(await logged(), { status: 101, cause: 'bad-response', aborted: true });
});
