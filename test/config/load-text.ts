import { join } from 'node:path';
import type { Test } from 'tap';
import { render } from '../../src/config/diagnostic.ts';
import { type LoadedConfig, loadConfig } from '../../src/config/load.ts';

export interface LoadedText extends LoadedConfig {
  /** `LINE:COLUMN: message` of every problem, `warning: ` included. */
  readonly lines: readonly string[];
  /** The folder of the configuration. */
  readonly folder: string;
}

/**
 * Loads a configuration's text from a folder of its own, in which empty a.pem, b.pem and a secret file lie.
 *
 * @param fill puts more into the folder
 */
export function loadText(
  t: Test,
  text: string,
  env: Record<string, string> = {},
  fill: (folder: string) => void = () => {},
): LoadedText {
  const folder = t.testdir({ 'proxy.yaml': text, 'a.pem': '', 'b.pem': '', secret: 'from a file\n', folder: {} });
  fill(folder);
  const loaded = loadConfig(join(folder, 'proxy.yaml'), env);
  const prefix = `${loaded.file}:`.length;
  return { ...loaded, folder, lines: loaded.problems.map((each) => render(each).slice(prefix).replace(/\n.*/s, '')) };
}

/** A configuration with one route whose settings are given, each line of them as it would stand under `routes[0]`. */
export const withRoute = (...lines: readonly string[]): string =>
  [
    'listen: 127.0.0.1:0',
    'routes:',
    '  - name: a',
    '    match: { path: /a }',
    '    upstream: https://h',
    ...lines.map((line) => `    ${line}`),
    '',
  ].join('\n');
