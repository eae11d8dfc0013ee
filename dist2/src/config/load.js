import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { byPlace } from './diagnostic.js';
import { nodeNear, writtenAt } from './place.js';
import { readText } from './reading.js';
import { unreadable } from './resolve.js';
import { checkRules } from './rules.js';
import { settle } from './settings.js';
import { Source } from './source.js';
/**
 * Reads, decodes and checks a configuration (contract 2), with all problems at once. Throws nothing for a bad or absent
 * file: what is wrong is in `problems`.
 * @param env for `${NAME}` and `{ env: NAME }`
 */
export function loadConfig(file, env) {
    let text = '';
    const reason = unreadable(() => {
        text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
    });
    if (reason === undefined)
        return finish(file, text, env);
    const problem = {
        severity: 'error',
        file,
        line: 1,
        column: 1,
        message: `cannot read the configuration: ${reason}; name one with --config or $MTLS_PROXY_CONFIG, or write config/proxy.yaml`,
        source: '',
    };
    const diagnose = (_path, message, severity = 'error') => ({
        ...problem,
        message,
        severity,
    });
    return { file, problems: [problem], files: [], diagnose };
}
function finish(file, text, env) {
    const { root, written, problems, secrets, original, isUnsure } = readText(text, env);
    const source = new Source(file, text);
    const offsetOf = (path) => original(nodeNear(root, path).offset);
    const found = [...problems];
    const scope = {
        folder: dirname(resolve(file)),
        env,
        files: new Set(),
        written: (path) => writtenAt(root, path),
        lineOf: (path) => source.place(offsetOf(path)).line,
        problem: (path, message, kind = 'error') => found.push({ offset: offsetOf(path), message, kind }),
    };
    const config = settle(written, scope);
    checkRules(written, scope);
    const show = (offset, message, severity = 'error') => source.diagnostic(offset, message, severity, secrets);
    const diagnostics = found
        .filter((problem) => !isUnsure(problem))
        .map(({ offset, message, kind }) => show(offset, message, kind === 'warning' ? kind : 'error'));
    return {
        file,
        ...(diagnostics.every(({ severity }) => severity === 'warning') && { config }),
        problems: withoutRepeats(diagnostics).sort(byPlace),
        files: [...scope.files],
        diagnose: (path, message, severity) => show(offsetOf(path), message, severity),
    };
}
/** One problem can be met on several ways: a setting of `defaults` by every route, a value by every alias of it. */
function withoutRepeats(diagnostics) {
    return [...new Map(diagnostics.map((each) => [`${each.line}:${each.column}:${each.message}`, each])).values()];
}
//# sourceMappingURL=load.js.map