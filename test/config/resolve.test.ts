import { execFileSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { asList, unreadable } from '../../src/config/resolve.ts';
import { loadText, withRoute } from './load-text.ts';

t.test('one or many', async (t) => {
  t.same(asList(undefined), []);
  t.same(asList('a'), ['a']);
  t.same(asList(['a', 'b']), ['a', 'b']);
});

t.test('files are absolute from the configuration’s folder, and named for watching', async (t) => {
  const { config, files, folder, lines } = loadText(
    t,
    withRoute('tls: { cert: a.pem, key: ./b.pem, ca: [a.pem, b.pem], crl: a.pem, passphrase: { file: secret } }'),
  );
  const [a, b] = [join(folder, 'a.pem'), join(folder, 'b.pem')];
  t.same(lines, []);
  t.match(config?.routes[0]?.tls, { cert: a, key: b, ca: [a, b], crl: [a], passphrase: 'from a file' });
  t.same(files, [a, b, join(folder, 'secret')]);
});

t.test('a file that cannot be read is told by its resolved path', async (t) => {
  const { config, files, folder, lines } = loadText(
    t,
    withRoute(
      'tls:',
      '  ca: [a.pem, none.pem]',
      '  crl: folder',
      '  cert: a.pem/x',
      '  key: b.pem',
      '  passphrase: { file: none }',
    ),
  );
  t.equal(config, undefined);
  t.same(lines, [
    `7:19: cannot read ${join(folder, 'none.pem')}: there is no such file`,
    `8:12: cannot read ${join(folder, 'folder')}: it is a directory`,
    `9:13: cannot read ${join(folder, 'a.pem/x')}: what stands before the last / is no directory`,
    `11:27: cannot read ${join(folder, 'none')}: there is no such file`,
  ]);
  t.equal(files.length, 6, 'it may appear later, so it is watched');
});

t.test('what has no end, or can be read only once, is no file', async (t) => {
  const { folder, lines } = loadText(
    t,
    withRoute('tls:', '  ca: [/dev/zero, huge]', '  pfx: pipe', '  passphrase: { file: long }'),
    {},
    (folder) => {
      execFileSync('mkfifo', [join(folder, 'pipe')]);
      writeFileSync(join(folder, 'long'), 'x'.repeat(65_537));
      writeFileSync(join(folder, 'huge'), '');
      truncateSync(join(folder, 'huge'), 2 ** 32);
    },
  );
  const kind = 'it is a pipe, socket or device; write its content to a file';
  const size = (most: number) => `it is larger than ${most} KiB; is it the one that is meant?`;
  t.same(lines, [
    `7:12: cannot read /dev/zero: ${kind}`,
    `7:23: cannot read ${join(folder, 'huge')}: ${size(65_536)}`,
    `8:12: cannot read ${join(folder, 'pipe')}: ${kind}`,
    `9:27: cannot read ${join(folder, 'long')}: ${size(64)}`,
  ]);
});

t.test('trust anchors', async (t) => {
  const read = (written: string) => {
    const { config, folder } = loadText(t, withRoute(`tls: { ca: ${written} }`));
    return config?.routes[0]?.tls.ca.map((each) => each.replace(folder, ''));
  };
  for (const word of ['system', 'bundled', 'default']) t.same(read(word), [word]);
  t.same(read('[system, a.pem, bundled]'), ['system', '/a.pem', 'bundled'], 'words and files may be mixed');
  t.same(read('./a.pem'), ['/a.pem']);
  t.same(loadText(t, withRoute('tls: { ca: [] }')).lines, ['6:16: "ca" needs at least one item']);
});

t.test('secrets', async (t) => {
  const passphrase = (written: string) => {
    const { config, lines } = loadText(t, withRoute(`tls: { cert: a.pem, key: b.pem, passphrase: ${written} }`), {
      P: 'x',
      E: '',
    });
    return [config?.routes[0]?.tls.passphrase, ...lines.map((line) => line.replace(/^[\d:]+ /, ''))];
  };
  const plain = 'warning: a secret in plain text; { env: NAME } or { file: PATH } keep it out of this file';
  t.same(passphrase('{ env: P }'), ['x']);
  t.same(passphrase('{ env: E }'), ['']);
  t.same(passphrase('"${P}"'), ['x']);
  t.same(passphrase('hunter2'), ['hunter2', plain]);
  t.same(passphrase('"${P:-hunter2}"'), ['x', plain]);
  t.same(passphrase('{ env: NONE }'), [undefined, 'the environment variable NONE is not set']);
  t.same(passphrase('{}'), [undefined, 'a secret needs one of env and file']);
  t.same(passphrase('{ env: P, file: secret }'), [undefined, 'a secret has one of env and file, not both']);
  t.same(passphrase('{ env: "a b" }'), [
    undefined,
    '"env" must be an environment variable\'s name, not what is written',
  ]);
  t.same(passphrase('[]'), [
    undefined,
    '"passphrase" must be { env: NAME }, { file: PATH } or a text or a map of env, file, not a list',
  ]);
});

t.test('stores: files and passwords', async (t) => {
  const { config, files, folder, lines } = loadText(
    t,
    withRoute(
      'tls:',
      '  keystore: { file: a.pem, alias: x, password: { file: secret }, keyPassword: { env: P } }',
      '  truststore: { file: b.pem, password: plain }',
    ),
    { P: 'from the environment' },
  );
  t.same(lines, ['8:44: warning: a secret in plain text; { env: NAME } or { file: PATH } keep it out of this file']);
  t.match(config?.routes[0]?.tls, {
    keystore: { file: join(folder, 'a.pem'), alias: 'x', password: 'from a file', keyPassword: 'from the environment' },
    truststore: { file: join(folder, 'b.pem'), password: 'plain' },
  });
  t.same(files, [join(folder, 'b.pem'), join(folder, 'a.pem'), join(folder, 'secret')]);
  t.same(loadText(t, withRoute('tls: { pfx: none }')).lines.length, 1);
  t.match(loadText(t, withRoute('tls: { keystore: { file: none, password: { env: NONE } } }')).lines, [
    /cannot read .*none: there is no such file/,
    /the environment variable NONE is not set/,
  ]);
});

t.test('versions', async (t) => {
  const versions = (written: string) => {
    const { config, lines } = loadText(t, withRoute(`tls: { versions: ${written} }`));
    return [config?.routes[0]?.tls.versions, ...lines];
  };
  t.same(versions('[1.3, TLSv1_2]'), [['TLSv1.3', 'TLSv1.2']]);
  t.same(versions('TLSv1.2'), [['TLSv1.2']]);
  t.same(versions('[1.2, tls1.2, 1.2]'), [undefined, '6:28: TLSv1.2 is named twice', '6:36: TLSv1.2 is named twice']);
  t.match(versions('[1.2, 1.1, 1.0]'), [['TLSv1.2', 'TLSv1.1', 'TLSv1'], /^6:28: warning: TLSv1.1 is broken/]);
  t.match(versions('1.0'), [['TLSv1'], /^6:22: warning: TLSv1 is broken/]);
  t.match(versions('[x, y]'), [undefined, /^6:23: /, /^6:26: /]);
});

t.test('sockets', async (t) => {
  const { config, folder, lines } = loadText(
    t,
    withRoute().replace('127.0.0.1:0', '[unix:a.sock, { unix: /b, mode: "0660" }, { unix: c }]'),
  );
  t.same(lines, []);
  t.same(config?.listen, [
    { unix: join(folder, 'a.sock'), mode: 0o600 },
    { unix: '/b', mode: 0o660 },
    { unix: join(folder, 'c'), mode: 0o600 },
  ]);
  t.match(loadText(t, withRoute().replace('127.0.0.1:0', '{ mode: "0660" }')).lines, [/"unix" is missing/]);
});

t.test('a reason nobody thought of is told as it is', async (t) => {
  t.equal(
    unreadable(() => {
      throw new Error('odd');
    }),
    'Error: odd',
  );
});
