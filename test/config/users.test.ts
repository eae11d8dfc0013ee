import { platform } from 'node:os';
import t from 'tap';
import type { Path, Scope, WrittenConfig } from '../../src/config/resolve.ts';
import { checkUsers, type Machine, resolveUsers } from '../../src/config/users.ts';
import { loadText, withRoute } from './load-text.ts';

const failure = (code: string) => () => {
  throw Object.assign(new Error(code), { code });
};
const machine: Machine = {
  system: 'linux',
  users: () => 'root:x:0:0::/root:/bin/sh\napp:x:1234:1234::/:/bin/false\n',
  self: () => 1000,
  sockets: () => undefined,
};

/** What the rule says of these keys. */
function problems(written: WrittenConfig, on: Partial<Machine> = {}): string[] {
  const found: string[] = [];
  const problem: Scope['problem'] = (path, message, kind = 'error') =>
    found.push(`${path.join('.')}: ${kind}: ${message}`);
  checkUsers(written, { folder: '/', problem } as Scope, { ...machine, ...on });
  return found;
}

const tcp = { host: '127.0.0.1', port: 8080 };
const socket = { unix: '/run/p.sock', mode: 0o600 };

t.test('users by number and by name', async (t) => {
  const found: string[] = [];
  const problem = (path: Path, message: string) => found.push(`${path.join('.')}: ${message}`);
  t.same(resolveUsers([1000, 'app', undefined, 'root'], ['users'], { problem }, machine), [1000, 1234, 0]);
  t.same(found, []);
  t.same(resolveUsers(['ap', 5], ['users'], { problem }, machine), [5]);
  t.same(resolveUsers(['app'], ['users'], { problem }, { ...machine, users: failure('EACCES') }), []);
  t.same(found, [
    'users.0: /etc/passwd has no user "ap"; write the number (id -u ap)',
    'users.0: cannot read /etc/passwd: this user may not read it; write the number (id -u app)',
  ]);
});

t.test('without users nothing is asked', async (t) => {
  t.same(problems({ listen: tcp, guard: {} }, { system: 'darwin' }), []);
  t.same(problems({ listen: socket }, { self: failure('ENOENT') }), []);
});

t.test('a system that does not tell', async (t) => {
  for (const system of ['darwin', 'win32', 'freebsd']) {
    t.match(problems({ listen: tcp, guard: { users: [1000] } }, { system }), [/^guard\.users: error: only Linux /]);
  }
});

t.test('connections over loopback need the table of sockets', async (t) => {
  t.same(problems({ listen: tcp, guard: { users: [1] } }), []);
  const unreadable = { sockets: failure('EACCES') };
  t.match(problems({ listen: tcp, guard: { users: [1] } }, unreadable), [
    /^guard\.users: error: cannot read \/proc\/net\/tcp, .*: this user may not read it/,
  ]);
  t.same(problems({ listen: socket, guard: { users: [1000] } }, unreadable), [], 'a Unix socket needs it not');
});

t.test('a Unix socket lets in its owner only', async (t) => {
  t.same(problems({ listen: [socket, { unix: '/p', mode: 0o700 }], guard: { users: [1000] } }), []);
  for (const mode of [0o660, 0o606, 0o640, 0o777]) {
    t.match(problems({ listen: [tcp, { unix: '/p', mode }], guard: { users: [1000] } }), [
      /^listen\.1: error: .*its mode must be "0600"/,
    ]);
  }
  t.match(problems({ listen: tcp, admin: { unix: '/p', mode: 0o660 }, guard: { users: [1000] } }), [/^admin: error: /]);
  t.match(problems({ listen: socket, guard: { users: [1001] } }), [
    /^listen\.0: error: only the user 1000, .* add 1000 to "users"/,
  ]);
  t.same(problems({ listen: socket, guard: { users: ['nobody-known'] } }), [], 'that is reported already');
  t.match(problems({ listen: socket, guard: { users: [1000] } }, { self: failure('EACCES') }), [
    /^listen\.0: error: cannot read \/proc\/self\/status/,
  ]);
});

t.test('other machines have no users here', async (t) => {
  t.match(problems({ listen: { host: '0.0.0.0', port: 1 }, guard: { users: [1] } }), [
    /^guard\.users: warning: clients on other machines get 403 at 0\.0\.0\.0:1/,
  ]);
});

t.test('in a file', async (t) => {
  const { config, lines } = loadText(t, `${withRoute()}guard: { users: [1, root, "2"] }\n`);
  if (platform() === 'linux') {
    t.same(lines, []);
    t.same(config?.guard.users, [1, 0, 2]);
  } else t.match(lines, [/^6:19: only Linux/]);
  const of = (users: string) => loadText(t, `${withRoute()}guard: { users: ${users} }\n`).lines;
  t.match(of('[]'), [/^6:17: "users" needs at least one item/]);
  t.match(of('[-1, 4294967295, "a b"]'), [
    /^6:18: each item of "users" must be a uid or the name of a user, not "-1"/,
    /^6:22: .*: the highest uid is 4294967294/,
    /^6:34: /,
  ]);
});
