import { readFileSync } from 'node:fs';
import { packageFile } from '../installation.ts';

/** The program's version, as package.json has it. */
export function version(): string {
  const text = readFileSync(packageFile('package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
