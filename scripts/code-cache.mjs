// Puts what V8 compiles of the program at a start into a file beside it, for the Node that runs this: by that a start takes a
// third less. Another Node, and one with other options of V8, do without. At the end of `npm run build`.
// Argument: the program, if it is not dist/src/main.js.
import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makePki } from '../dist/src/demo/pki.js';

const main = process.argv[2] ?? fileURLToPath(new URL('../dist/src/main.js', import.meta.url));
const cache = join(dirname(main), 'cli', `program.cjs-${process.version}-${process.arch}.cache`);

const configuration = `
listen: 127.0.0.1:0
log: { format: json }
routes:
  - name: a
    match: { path: /a }
    upstream: https://127.0.0.1:9
    tls: { ca: ca.pem, cert: client.crt, key: client.key }
`;

const folder = mkdtempSync(join(tmpdir(), 'mtls-proxy-'));
try {
  const { ca, client } = await makePki();
  const files = { 'ca.pem': ca, 'client.crt': client.cert, 'client.key': client.key, 'proxy.yaml': configuration };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  // The program takes none that is empty, but compiles in the way in which it would.
  writeFileSync(cache, '');
  const child = fork(main, ['run', '--config', join(folder, 'proxy.yaml')], {
    silent: true,
    execArgv: ['--require', fileURLToPath(new URL('./keep-script.cjs', import.meta.url))],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  child.stderr.pipe(process.stderr);
  const ended = new Promise((resolve) => child.once('close', resolve));
  const port = await new Promise((resolve, reject) => {
    let log = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      log += text;
      const found = /"address":"127\.0\.0\.1:(\d+)"/.exec(log)?.[1];
      if (found !== undefined) resolve(found);
    });
    void ended.then(() => reject(new Error(`the program ended before it listened:\n${log}`)));
  });
  // Nobody listens at its upstream: it is answered by 502.
  await new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: '/a' }, (answer) => answer.resume().once('end', resolve)).once(
      'error',
      reject,
    );
  });
  child.send(join(folder, 'cache'));
  const code = await ended;
  if (code !== 0) throw new Error(`the program ended with ${code}`);
  writeFileSync(cache, readFileSync(join(folder, 'cache')));
} finally {
  rmSync(folder, { recursive: true });
}
