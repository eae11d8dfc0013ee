import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type ListenOptions, Server } from 'node:net';
import t, { type Test } from 'tap';
import { bind } from '../../src/server/bind.ts';

/** Makes servers that fail on some hosts, as a machine does that lacks a family, and closes all with the test. */
function makeServers(t: Test, faults: Readonly<Record<string, readonly string[]>> = {}) {
  const left = new Map(Object.entries(faults).map(([host, codes]) => [host, [...codes]]));
  class Faulty extends Server {
    override listen(...args: unknown[]): this {
      const code = left.get((args[0] as ListenOptions).host ?? '')?.shift();
      if (code === undefined) return super.listen(...(args as Parameters<Server['listen']>));
      process.nextTick(() => this.emit('error', Object.assign(new Error(code), { code })));
      return this;
    }
  }
  const made: Server[] = [];
  t.teardown(() => {
    for (const server of made) server.close();
  });
  const create = () => {
    const node = new Faulty();
    made.push(node);
    return { node };
  };
  return { create, listening: () => made.filter((server) => server.listening).length };
}

const localhost = { host: 'localhost', port: 0 };
const portOf = (address = ''): string => address.slice(address.lastIndexOf(':') + 1);

t.test('an address of IPv4 is bound alone as it is in company', async (t) => {
  for (const company of ['alone', undefined] as const) {
    const { create, listening } = makeServers(t);
    const [bound] = await bind({ host: '127.0.0.1', port: 0 }, create, company);
    t.match(bound, { address: /^127\.0\.0\.1:[1-9]\d*$/, family: 'tcp', isExposed: false });
    const port = Number(portOf(bound?.address));
    const client = connect(port, '127.0.0.1');
    await once(client, 'connect');
    client.destroy();
    await t.rejects(bind({ host: '127.0.0.1', port }, create, company), { code: 'EADDRINUSE' });
    // TEST-NET-1 (RFC 5737) is nobody's.
    await t.rejects(bind({ host: '192.0.2.1', port: 0 }, create, company), { code: 'EADDRNOTAVAIL' });
    t.equal(listening(), 1);
  }
});

t.test('localhost is both loopback addresses, by one port', async (t) => {
  const bound = await bind(localhost, makeServers(t).create);
  const addresses = bound.map(({ address }) => address);
  t.match(addresses, [/^127\.0\.0\.1:\d+$/, /^\[::1\]:\d+$/]);
  t.equal(portOf(addresses[0]), portOf(addresses[1]));
});

t.test('localhost is the one that there is', async (t) => {
  const only = async (host: string, code: string) =>
    (await bind(localhost, makeServers(t, { [host]: [code] }).create)).map(({ address }) => address);
  t.match(await only('::1', 'EADDRNOTAVAIL'), [/^127/]);
  t.match(await only('::1', 'EAFNOSUPPORT'), [/^127/]);
  t.match(await only('127.0.0.1', 'EADDRNOTAVAIL'), [/^\[::1\]/]);
  const none = makeServers(t, { '127.0.0.1': ['EADDRNOTAVAIL'], '::1': ['EAFNOSUPPORT'] });
  await t.rejects(bind(localhost, none.create), { code: 'EAFNOSUPPORT' });
});

t.test('localhost is both or none', async (t) => {
  const other = createServer().listen(0, '::1');
  await once(other, 'listening');
  t.teardown(() => other.close());
  const { port } = other.address() as AddressInfo;
  const servers = makeServers(t);
  await t.rejects(bind({ host: 'localhost', port }, servers.create), { code: 'EADDRINUSE' });
  t.equal(servers.listening(), 0);
});

t.test('of a port that the system chose another one is taken', async (t) => {
  const servers = makeServers(t, { '::1': ['EADDRINUSE', 'EADDRINUSE'] });
  t.equal((await bind(localhost, servers.create)).length, 2);
  t.equal(servers.listening(), 2);
  const never = makeServers(t, { '::1': Array<string>(20).fill('EADDRINUSE') });
  await t.rejects(bind(localhost, never.create), { code: 'EADDRINUSE' });
  t.equal(never.listening(), 0);
});

t.test('what other machines reach is told from what they do not', async (t) => {
  const { create } = makeServers(t);
  const isExposed = async (host: string) => (await bind({ host, port: 0 }, create))[0]?.isExposed;
  t.equal(await isExposed('127.0.0.1'), false);
  t.equal(await isExposed('127.8.9.10'), false);
  t.equal(await isExposed('::1'), false);
  t.equal(await isExposed('0.0.0.0'), true);
  t.equal(await isExposed('::'), true);
});
