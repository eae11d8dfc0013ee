import t, { type Test } from 'tap';
import { render } from '../../src/config/diagnostic.ts';
import { loadText, withRoute } from './load-text.ts';

const env = { P: 'hunter2', E: '', URL: 'http://user:hunter2@h:1', TWO: 'one\ntwo' };
const proxy = { hostname: 'h', port: 1 };
const own = 'via: { url, username, password: { env: NAME } } or { file: PATH } keep it out of this file';

/** What becomes of a route's `via`, and what is said about it. */
function load(t: Test, written: string) {
  const { config, lines } = loadText(t, withRoute(`via: ${written}`), env);
  return [config?.routes[0]?.via, ...lines];
}

t.test('a URL, none or nothing', async (t) => {
  t.same(load(t, 'http://h:1'), [proxy]);
  t.same(load(t, 'none'), [undefined]);
  t.same(loadText(t, withRoute()).config?.routes[0]?.via, undefined);
  t.same(load(t, '{ url: "http://h:1" }'), [proxy]);
});

t.test('a route may have its own, or none, whatever the defaults say', async (t) => {
  const via = (...route: string[]) => {
    const text = `defaults: { via: { url: "http://h:1", username: u, password: { env: P } } }\n${withRoute(...route)}`;
    const { config, lines } = loadText(t, text, env);
    t.same(lines, []);
    return config?.routes[0]?.via;
  };
  t.same(via(), { ...proxy, username: 'u', password: 'hunter2' });
  t.same(via('via: http://other:2'), { hostname: 'other', port: 2 }, 'nothing is mixed in');
  t.same(via('via: none'), undefined);
});

t.test('credentials beside the URL', async (t) => {
  const whole = { ...proxy, username: 'user', password: 'hunter2' };
  t.same(load(t, '{ url: "http://h:1", username: user, password: { env: P } }'), [whole]);
  t.same(load(t, '{ url: "http://h:1", username: user, password: "${P}" }'), [whole]);
  t.same(load(t, '{ url: "http://h:1", username: user, password: { file: secret } }'), [
    { ...whole, password: 'from a file' },
  ]);
  t.same(load(t, '{ url: "http://h:1", username: user }'), [{ ...whole, password: '' }]);
  t.same(load(t, '{ url: "http://h:1", username: user, password: hunter2 }'), [
    whole,
    '6:57: warning: a secret in plain text; { env: NAME } or { file: PATH } keep it out of this file',
  ]);
});

t.test('credentials in the URL', async (t) => {
  const whole = { ...proxy, username: 'user', password: 'hunter2' };
  const plain = `warning: a secret in plain text; ${own}`;
  t.same(load(t, 'http://user:hunter2@h:1'), [whole, `6:10: ${plain}`]);
  t.same(load(t, '{ url: "http://user:hunter2@h:1" }'), [whole, `6:17: ${plain}`]);
  t.same(load(t, '"${NONE:-http://user:hunter2@h:1}"'), [whole, `6:10: ${plain}`]);
  t.same(load(t, '"http://user:${P}@h:1"'), [whole]);
  t.same(load(t, '"${URL}"'), [whole]);
  t.same(load(t, 'http://user@h:1'), [{ ...whole, password: '' }]);
});

t.test('what does not fit together', async (t) => {
  const message = (written: string) => load(t, written)[1];
  const both = '{ url: "http://u:${P}@h:1", username: user, password: { env: P } }';
  t.equal(message(both), '6:48: the url has a user name already; take it out there');
  t.equal(message('{ url: "http://h:1", password: { env: P } }'), '6:41: a password needs its user name: "username"');
  t.match(message('{ username: u }'), /^6:10: "url" is missing; it must be a URL such as http:\/\/proxy:3128/);
  t.match(message('{ url: none }'), /"url" must be a URL such as .*: write http:/);
  t.match(message('{ url: "http://h:1", usrname: u }'), /unknown key "usrname", did you mean "username"\?/);
  t.equal(
    message('{ url: "http://h:1", username: u, password: { env: NONE } }'),
    '6:61: the environment variable NONE is not set',
  );
  t.match(message('[]'), /^6:10: "via" must be none or a URL .* or a map of url, username, password, not a list/);
});

t.test('what Basic cannot carry', async (t) => {
  const colon = 'a user name with a colon cannot be sent to a proxy (RFC 7617)';
  const user = 'the user name has control characters (RFC 7617)';
  const secret = 'the password has control characters, such as a line end (RFC 7617)';
  t.same(load(t, '{ url: "http://h:1", username: "a:b" }').slice(1), [`6:41: ${colon}`]);
  t.same(load(t, '{ url: "http://a%3Ab@h:1" }').slice(1), [`6:17: ${colon}`]);
  t.same(load(t, 'http://a%3Ab@h:1').slice(1), [`6:10: ${colon}`]);
  t.same(load(t, 'http://a%0a@h:1').slice(1), [`6:10: ${user}`]);
  t.same(load(t, '{ url: "http://h:1", username: u, password: { env: TWO } }').slice(1), [`6:54: ${secret}`]);
});

t.test('D26 credentials are in no message about the configuration', async (t) => {
  for (const written of [
    'http://user:hunter2@h',
    'http://user:hun ter2@h',
    'https://user:hunter2@h:1',
    'user:hunter2@h:1',
    '"user:hunter2@h:1"',
    '{ url: "user:hunter2@h:1" }',
    '{ url: user:hunter2@h:1, usr: x }',
    '{ url: "http://user:hunter2@h:1", x: 1 }',
    '{ url: "http://h:1", username: "a:b", password: hunter2 }',
    '{ url: "http://h:1", password: [hunter2] }',
    'http://user:hunter2%@h:1',
    '["http://user:hunter2@h:1"]',
    '"${URL}/x"',
  ]) {
    const { problems } = loadText(t, withRoute(`via: ${written}`), env);
    t.ok(problems.length > 0, written);
    t.notMatch(problems.map(render).join('\n'), /hunter2|hun ter|ter2/, written);
  }
});
