import { EventEmitter, once } from 'node:events';
import type { Socket } from 'node:net';
import t from 'tap';
import { IdleClients, type Silence } from '../../src/server/idle-clients.ts';

/** A connection as Node's server uses it: behind a response it sets a time-out, and with the next request it takes that off. */
class FakeSocket extends EventEmitter {
  bytesRead = 0;
  setTimeout: (ms: number) => unknown = () => undefined;
  destroyedAt: number | undefined;

  destroy(): void {
    this.destroyedAt = performance.now();
    this.emit('close');
  }
}

function watch(clients: IdleClients, silence?: Silence): FakeSocket {
  const socket = new FakeSocket();
  clients.watch(socket as unknown as Socket, silence);
  return socket;
}

// The timers of what is tested keep no process alive.
const alive = setInterval(() => undefined, 1_000);
t.teardown(() => clearInterval(alive));

t.test('one that stays idle is ended, not before its time, and one with a request is not', async (t) => {
  const clients = new IdleClients(50, 5);
  const [fresh, busy, idle] = [watch(clients), watch(clients), watch(clients)];
  busy.setTimeout(66_000);
  busy.setTimeout(0);
  const began = performance.now();
  idle.setTimeout(66_000);
  await once(idle, 'close');
  // The looks of a busy machine may come close together.
  t.ok((idle.destroyedAt as number) - began >= 40, `${(idle.destroyedAt as number) - began}`);
  busy.setTimeout(66_000);
  t.equal(busy.destroyedAt, undefined);
  await once(busy, 'close');
  t.equal(fresh.destroyedAt, undefined, 'of its first request Node knows how long it may take');
  fresh.destroy();
});

t.test('the beginning of a request is no silence', async (t) => {
  const clients = new IdleClients(40, 5);
  const socket = watch(clients);
  socket.setTimeout(66_000);
  const began = performance.now();
  const trickle = setInterval(() => {
    socket.bytesRead += 1;
    if (performance.now() - began > 200) clearInterval(trickle);
  }, 2);
  await once(socket, 'close');
  t.ok((socket.destroyedAt as number) - began > 200);
});

t.test('one that is served past Node’s server is ended behind its answer', async (t) => {
  const clients = new IdleClients(50, 5);
  const silence = { patience: 1, tell: () => t.fail('it has sent something') };
  const path = { isAnswering: true };
  const [socket, idle] = [new FakeSocket(), watch(clients)];
  socket.bytesRead = 1;
  clients.watch(socket as unknown as Socket, silence, path);
  for (let round = 0; round < 2; round += 1) {
    const other = watch(clients);
    other.setTimeout(66_000);
    await once(other, 'close');
    t.equal(socket.destroyedAt, undefined);
  }
  path.isAnswering = false;
  const began = performance.now();
  await once(socket, 'close');
  t.ok((socket.destroyedAt as number) - began >= 40);
  idle.destroy();
});

t.test('it keeps on as long as there are connections', async (t) => {
  const clients = new IdleClients(10, 2);
  for (let round = 0; round < 3; round += 1) {
    const [one, other] = [watch(clients), watch(clients)];
    one.destroy();
    other.setTimeout(66_000);
    await once(other, 'close');
    t.ok(other.destroyedAt);
  }
});

t.test('one that sends nothing from the start is told, once and after a time of its own', async (t) => {
  const clients = new IdleClients(5, 5);
  const told: FakeSocket[] = [];
  const silence = (patience: number): Silence => ({
    patience,
    tell: (socket) => void told.push(socket as unknown as FakeSocket),
  });
  const began = performance.now();
  const [spoke, silent] = [watch(clients, silence(50)), watch(clients, silence(50))];
  // Its first request is under way, and is Node's.
  spoke.setTimeout(0);
  while (told.length === 0) await new Promise(setImmediate);
  t.ok(performance.now() - began >= 40);
  const idle = watch(clients);
  idle.setTimeout(66_000);
  await once(idle, 'close');
  t.same(told, [silent]);
  t.equal(silent.destroyedAt, undefined, 'that is for who is told');
  t.equal(spoke.destroyedAt, undefined);
  for (const socket of [silent, spoke]) socket.destroy();
});
