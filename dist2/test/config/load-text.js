import { join } from 'node:path';
import { render } from '../../src/config/diagnostic.js';
import { loadConfig } from '../../src/config/load.js';
/** Loads a configuration's text from a folder of its own, in which empty a.pem, b.pem and a secret file lie. */
export function loadText(t, text, env = {}) {
    const folder = t.testdir({ 'proxy.yaml': text, 'a.pem': '', 'b.pem': '', secret: 'from a file\n', folder: {} });
    const loaded = loadConfig(join(folder, 'proxy.yaml'), env);
    const prefix = `${loaded.file}:`.length;
    return { ...loaded, folder, lines: loaded.problems.map((each) => render(each).slice(prefix).replace(/\n.*/s, '')) };
}
/** A configuration with one route whose settings are given, each line of them as it would stand under `routes[0]`. */
export const withRoute = (...lines) => [
    'listen: 127.0.0.1:0',
    'routes:',
    '  - name: a',
    '    match: { path: /a }',
    '    upstream: https://h',
    ...lines.map((line) => `    ${line}`),
    '',
].join('\n');
//# sourceMappingURL=load-text.js.map