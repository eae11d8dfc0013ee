import type { Socket } from 'node:net';
import t from 'tap';
import { ProxyError } from '../../src/errors.ts';
import { setOwner, Users } from '../../src/proxy/client-users.ts';
import type { Owner } from '../../src/proxy/socket-owners.ts';

const socketOf = () => ({}) as Socket;

function ask(users: Users, socket: Socket): string {
  try {
    users.check(socket);
    return 'may';
  } catch (error) {
    if (error instanceof ProxyError && error.code === 'guard' && error.status === 403 && error.close)
      return error.message;
    throw error;
  }
}

function usersWith(owner: Owner) {
  let lookups = 0;
  const find = async () => {
    lookups += 1;
    return owner;
  };
  return { users: new Users([1000, 0], { find }), lookups: () => lookups };
}

t.test('listed, another, and unknown users', async (t) => {
  for (const [owner, answer] of [
    [{ uid: 1000 }, /^may$/],
    [{ uid: 0 }, /^may$/],
    [{ uid: 1001 }, /of the user 1001; .* add 1001 to `guard\.users`/],
    [{ unknown: 'some reason' }, /not known .*\(some reason\).*`guard\.users`/],
  ] as const) {
    const { users } = usersWith(owner);
    const socket = socketOf();
    await users.identify(socket);
    t.match(ask(users, socket), answer);
  }
});

t.test('a connection is looked up once, by whoever comes first', async (t) => {
  const { users, lookups } = usersWith({ uid: 1000 });
  const socket = socketOf();
  t.match(ask(users, socket), /not known/, 'nobody is let in before');
  await users.identify(socket);
  t.equal(users.identify(socket), undefined);
  t.equal(ask(users, socket), 'may');
  t.equal(ask(new Users([5]), socket).includes('user 1000'), true, 'other settings know it as well');
  t.equal(lookups(), 1);
  const known = socketOf();
  setOwner(known, { uid: 0 });
  t.equal(users.identify(known), undefined);
  t.equal(ask(users, known), 'may');
});
