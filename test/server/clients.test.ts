import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import t from 'tap';
import { Clients } from '../../src/server/clients.ts';

/** A connection as far as it is counted. */
class Fake extends EventEmitter {
  readonly remoteAddress: string | undefined;
  destroyed = false;

  constructor(remoteAddress?: string) {
    super();
    this.remoteAddress = remoteAddress;
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

function makeClients(connections: number, connectionsPerClient: number) {
  const clients = new Clients({ connections, connectionsPerClient });
  /** @returns the socket and what became of it */
  const connect = (address?: string) => {
    const fake = new Fake(address);
    const socket = fake as unknown as Socket;
    const admitted = clients.admit(socket);
    t.equal(fake.destroyed, !admitted);
    return { fake, became: admitted ? (clients.surplusOf(socket) ?? 'within') : 'destroyed' };
  };
  const times = (count: number, address?: string) => Array.from({ length: count }, () => connect(address).became);
  return { clients, connect, times };
}

const many = (count: number, what: string) => Array.from({ length: count }, () => what);

t.test('those of all together', async (t) => {
  const { clients, times } = makeClients(2, Infinity);
  t.same(times(68), [...many(2, 'within'), ...many(64, 'connections'), ...many(2, 'destroyed')]);
  t.equal(clients.size, 66);
  for (const socket of [...clients]) socket.destroy();
  t.equal(clients.size, 0);
  t.same(times(1), ['within']);
});

t.test('those of one address', async (t) => {
  const { clients, connect, times } = makeClients(100, 2);
  const [a, b] = ['192.0.2.1', '192.0.2.2'];
  const { fake } = connect(a);
  t.same(times(6, a), ['within', ...many(4, 'connectionsPerClient'), 'destroyed']);
  t.same(times(3, `::ffff:${b}`), ['within', 'within', 'connectionsPerClient']);
  t.same(times(1, b), ['connectionsPerClient'], 'the same address, told in the way of IPv6');
  t.same(times(3, '2001:db8::1'), ['within', 'within', 'connectionsPerClient']);
  t.same(times(2, '2001:db8::2'), ['within', 'within']);
  fake.destroy();
  t.same(times(2, a), ['connectionsPerClient', 'destroyed'], 'one place is free, of those over the limit');
  for (const socket of [...clients]) socket.destroy();
  t.same(times(1, a), ['within']);
});

t.test('programs of this machine are not told apart by their address', async (t) => {
  const { times } = makeClients(100, 1);
  for (const address of ['127.0.0.1', '127.0.0.9', '::1', '::ffff:127.0.0.1', undefined]) {
    t.same(times(5, address), many(5, 'within'), address ?? 'a Unix socket');
  }
});

t.test('other limits hold for connections from then on', async (t) => {
  const { clients, times } = makeClients(1, 1);
  const a = '192.0.2.1';
  t.same(times(2, a), ['within', 'connectionsPerClient']);
  clients.limit({ connections: 10, connectionsPerClient: 3 });
  t.same(times(2, a), ['within', 'connectionsPerClient']);
  clients.limit({ connections: 4, connectionsPerClient: Infinity });
  t.same(times(1, a), ['connections']);
});

t.test('one that has had its last answer makes room, but not without end', async (t) => {
  const { clients, connect, times } = makeClients(2, 1);
  const first = connect('192.0.2.1').fake;
  clients.dismiss(first as unknown as Socket);
  clients.dismiss(first as unknown as Socket);
  t.equal(connect('192.0.2.1').became, 'within');
  t.equal(connect().became, 'within');
  t.equal(connect().became, 'connections');
  first.emit('close');
  t.equal(clients.size, 3);
  for (let n = 0; n < 200; n += 1) {
    const { fake, became } = connect();
    if (became === 'destroyed') break;
    clients.dismiss(fake as unknown as Socket);
  }
  t.same(times(1), ['destroyed']);
});
