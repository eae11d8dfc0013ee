import t from 'tap';
import { Source, withoutSecrets } from '../../src/config/source.ts';

t.test('places count from 1, at any line ending', async (t) => {
  const source = new Source('f', 'ab\r\nc\n\nd');
  t.same(source.place(0), { line: 1, column: 1 });
  t.same(source.place(1), { line: 1, column: 2 });
  t.same(source.place(4), { line: 2, column: 1 });
  t.same(source.place(6), { line: 3, column: 1 });
  t.same(source.place(8), { line: 4, column: 2 });
  t.equal(source.diagnostic(4, 'm', 'error', []).source, 'c');
  t.same(new Source('f', '').diagnostic(0, 'm', 'warning', []), {
    file: 'f',
    line: 1,
    column: 1,
    message: 'm',
    severity: 'warning',
    source: '',
  });
});

t.test('a stretch with a secret is not shown', async (t) => {
  const text = 'a: b\nk: one\n  two\n  three\nz: y';
  const source = new Source('f', text);
  const secrets = [{ offset: text.indexOf('one'), end: text.indexOf('three') + 5 }];
  const shown = (part: string) => source.diagnostic(text.indexOf(part), 'm', 'error', secrets);
  t.match(shown('a:'), { source: 'a: b' });
  t.match(shown('k:'), { source: 'k: ***', column: 1 });
  t.match(shown('two'), { source: '***' });
  t.match(shown('three'), { source: '***' });
  t.match(shown('z:'), { source: 'z: y' });
});

t.test('a line that looks like a secret is not shown, whatever the parser made of it', async (t) => {
  const cases = {
    'passphrase: hunter2': 'passphrase: ***',
    '"passphrase" : hunter2 # c': '"passphrase" : ***',
    'pasphrase: hunter2': 'pasphrase: ***',
    'trustPassword: hunter2': 'trustPassword: ***',
    'tls: { passphrase: hunter2, cert: c }': 'tls: { passphrase: ***',
    'passphrase: { env: KEY_PASS }': 'passphrase: { env: KEY_PASS }',
    'passphrase: {file: p}': 'passphrase: {file: p}',
    'passphrase: ${KEY_PASS}': 'passphrase: ${KEY_PASS}',
    'passphrase: ${KEY_PASS:-hunter2}': 'passphrase: ***',
    'passphrase:': 'passphrase:',
    'upstream: https://u:mypassword1@h/x': 'upstream: https://***@h/x',
    'tls: { passphrase: { env: KEY_PASS }, password: hunter2 }': 'tls: { passphrase: { env: KEY_PASS }, password: ***',
    'passphrase hunter2': 'passphrase ***',
    'cert: /run/secrets/client.crt': 'cert: /run/secrets/client.crt',
    'upstream: https://u:hunter2@h/x': 'upstream: https://***@h/x',
    'upstream: u:hunter/2@h/x': 'upstream: ***@h/x',
  };
  for (const [line, shown] of Object.entries(cases)) {
    t.equal(new Source('f', line).diagnostic(0, 'm', 'error', []).source, shown, line);
  }
});

t.test('a secret on the line after its key', async (t) => {
  const shown = (text: string) => new Source('f', text).diagnostic(text.length, 'm', 'error', []).source;
  t.equal(shown('passphrase:\n  hunter2'), '***');
  t.equal(shown('passphrase: |-\n  hunter2'), '***');
  t.equal(shown('passphrase:\n  env: KEY_PASS'), '  env: KEY_PASS');
  t.equal(shown('passphrase:\n'), '');
  const keystore = '  keystore: { file: c.jks, password: { env: STORE_PASSWORD } }';
  t.equal(shown(`truststore: { file: t.jks, password: { env: TRUST_PASSWORD } }\n${keystore}`), keystore);
  t.equal(shown(`password:\n  env: TRUST_PASSWORD\n${keystore.trim()}`), keystore.trim());
  t.equal(shown('password:\n  env: TRUST_PASSWORD\n    hunter2'), '***');
  t.equal(shown('password:\n  env: TRUST_PASSWORD\n  hunter2'), '***');
  t.equal(shown('password: {\n  env: TRUST_PASSWORD\n  hunter2'), '***');
  t.equal(shown('password:\n  env: "TRUST_PASSWORD\n  hunter2"'), '***');
  t.equal(shown('password: ${TRUST_PASSWORD}\n  hunter2'), '***', 'the lines of one value');
  t.equal(shown('tls: { password: { env: KEY_PASS }, passphrase:\n  hunter2 }'), '***');
  t.equal(shown('password: { env: KEY_PASS\n  hunter2 }'), '***');
});

t.test('the caret stays on the line that is left', async (t) => {
  const line = 'passphrase: hunter2, and more';
  t.match(new Source('f', line).diagnostic(25, 'm', 'error', []), { source: 'passphrase: ***', column: 16 });
});

t.test('credentials of URLs', async (t) => {
  t.equal(withoutSecrets('see https://u:p/@x@h/ and https://h/'), 'see https://***@h/ and https://h/');
});
