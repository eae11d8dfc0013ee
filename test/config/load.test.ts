import { join } from 'node:path';
import * as fc from 'fast-check';
import t from 'tap';
import { render } from '../../src/config/diagnostic.ts';
import { loadConfig } from '../../src/config/load.ts';
import { loadText, withRoute } from './load-text.ts';

t.test('a configuration that cannot be read is one problem that says what to do', async (t) => {
  const folder = t.testdir();
  const missing = loadConfig(join(folder, 'none.yaml'), {});
  t.match(missing, { config: undefined, files: [], problems: [{ line: 1, column: 1, severity: 'error' }] });
  t.equal(
    missing.problems.map(render).join(),
    `${missing.file}:1:1: cannot read the configuration: there is no such file; name one with --config or $MTLS_PROXY_CONFIG, or write config/proxy.yaml`,
  );
  t.match(missing.diagnose(['routes', 0], 'm'), { line: 1, column: 1, message: 'm', severity: 'error' });
  t.match(missing.diagnose([], 'm', 'warning'), { severity: 'warning' });
  t.match(loadConfig(folder, {}).problems, [{ message: /it is a directory/ }]);
});

t.test('warnings do not keep it from being used, errors do', async (t) => {
  t.match(loadText(t, withRoute('tls: { versions: 1.0 }')), {
    config: { routes: [{ name: 'a' }] },
    problems: [{ severity: 'warning' }],
  });
  t.match(loadText(t, withRoute('tls: { versions: 1.0 }', 'x: y')), { config: undefined, problems: { length: 2 } });
});

t.test('later findings are placed where the value was written', async (t) => {
  const { diagnose } = loadText(
    t,
    `defaults: { tls: { cert: a.pem, key: b.pem } }\n${withRoute('tls: { cert: b.pem }')}`,
  );
  t.match(diagnose(['routes', 0, 'tls', 'cert'], 'm'), {
    line: 7,
    column: 18,
    message: 'm',
    severity: 'error',
    source: '    tls: { cert: b.pem }',
  });
  t.match(diagnose(['routes', 0, 'tls', 'key'], 'm', 'warning'), { line: 1, column: 38, severity: 'warning' });
  t.match(diagnose(['routes', 0, 'tls', 'ciphers'], 'm'), { line: 7, column: 10 });
  t.match(diagnose(['routes', 0, 'pool', 'keepAlive'], 'm'), { line: 4, column: 5 });
});

t.test('a byte order mark and Windows line ends are no problem', async (t) => {
  t.same(
    loadText(t, `\uFEFF${withRoute('x: y').replaceAll('\n', '\r\n')}`)
      .problems.map(render)[0]
      ?.split('\n')
      .slice(1),
    ['    x: y', '    ^'],
  );
});

t.test('references take part in everything', async (t) => {
  const { config, lines } = loadText(
    t,
    withRoute(
      'upstream: https://${HOST}:${PORT:-8443}/x',
      'pool: { maxConnections: "${MAX}", keepAlive: "${KEEP}" }',
      'timeouts: { idle: "${NONE}" }',
    ).replace('    upstream: https://h\n', ''),
    { HOST: 'api.example', MAX: '3', KEEP: 'false' },
  );
  t.equal(config, undefined);
  t.match(lines, [/^7:24: the environment variable NONE is not set/]);
  t.equal(lines.length, 1);
});

t.test('an empty file', async (t) => {
  t.same(loadText(t, '').lines, [
    '1:1: "listen" is missing; it must be an address such as 127.0.0.1:8080, [::1]:8080, unix:/run/proxy.sock or systemd or a map of unix, mode or a list of addresses',
    '1:1: "routes" is missing; it must be a list of routes',
  ]);
});

t.test('nothing of the environment and no secret is ever shown, whatever is wrong with the file', async (t) => {
  const secret = 'hunter2';
  const text = withRoute(
    'tls:',
    '  cert: a.pem',
    '  key: b.pem',
    `  passphrase: ${secret}`,
    '  versions: [1.2]',
    'timeouts: { connect: "${SECRET}" }',
  );
  const folder = t.testdir({ 'a.pem': '', 'b.pem': '' });
  const { writeFileSync } = await import('node:fs');
  const file = join(folder, 'proxy.yaml');
  const noise = fc.constantFrom(...'\t\n "\'{}[]:,#&*!|>-?%@`x$\\', '  ', '---\n', ': ', '- ');
  const edits = fc.array(fc.tuple(fc.nat(text.length), fc.nat(3), noise), { minLength: 1, maxLength: 3 });
  const verdict = fc.check(
    fc.property(edits, (changes) => {
      const changed = changes.reduce(
        (before, [at, cut, insert]) => before.slice(0, at) + insert + before.slice(at + cut),
        text,
      );
      // A key that has grown together with its value is one word, which nobody can tell from another.
      fc.pre(changed.includes(secret) && /passphrase[^\w/.\\-]/.test(changed));
      writeFileSync(file, changed);
      const loaded = loadConfig(file, { SECRET: 'topsecret1' });
      const shown = [...loaded.problems, loaded.diagnose(['routes', 0, 'tls', 'passphrase'], 'm')]
        .map(render)
        .join('\n');
      return !shown.includes(secret) && !shown.includes('topsecret1');
    }),
    { seed: 20261123, numRuns: 500 },
  );
  t.notOk(verdict.failed, JSON.stringify(verdict.counterexample));
});
