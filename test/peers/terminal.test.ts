import { join } from 'node:path';
import t from 'tap';
import { stringify } from 'yaml';
import { makePki, pkiFiles, writeFiles } from '../fixtures/pki.ts';
import { command, oneRoute } from '../fixtures/proxy.ts';
import { beside, run } from './local.ts';

t.test('on a terminal SIGHUP is a reload, and the end of the terminal still the end', async (t) => {
  const directory = t.testdir({});
  const config = stringify(oneRoute('https://127.0.0.1:1'));
  await writeFiles(directory, { ...pkiFiles(await makePki()), 'proxy.yaml': config });
  const proxy = [process.execPath, command, 'run', '--config', join(directory, 'proxy.yaml')];
  const told = await run('python3', ['-I', beside('terminal.py'), 'listening', 'SIGHUP', 'reload', ...proxy]);
  t.match(told, { code: 0, stdout: 'SIGHUP\n' });
});
