import { readFileSync } from 'node:fs';

const compiled = '/dist/src/';

/**
 * A file of this package, whether the program runs from its modules or from the one file that they are bundled into: both lie
 * below `dist/src`. Nothing is looked up, for Node's permission model may allow no more than the files that are needed.
 *
 * @param path from the package's root, where package.json lies
 */
export function packageFile(path: string): URL {
  const url = import.meta.url;
  return new URL(path, url.slice(0, url.lastIndexOf(compiled) + 1));
}

/** The program's version, as package.json has it. */
export function version(): string {
  return (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }).version;
}
