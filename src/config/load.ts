import { dirname, resolve } from 'node:path';
import type { Config } from './config.ts';
import { byPlace, type Diagnostic } from './diagnostic.ts';
import { FileReader } from './file-reader.ts';
import { keyAt, nodeNear, writtenAt } from './place.ts';
import { type Problem, readText } from './reading.ts';
import { maxFile, type Path, type Scope, unreadable } from './resolve.ts';
import { checkRules, type RuleScope } from './rules.ts';
import { settle } from './settings.ts';
import { Source } from './source.ts';

export interface LoadedConfig {
  /** As given to {@link loadConfig}. */
  readonly file: string;
  /** Undefined if there is any error. */
  readonly config?: Config;
  /** Where the proxy can be reached, as far as that could be read, whatever else is wrong; undefined without a file. */
  readonly reach?: Pick<Config, 'listen' | 'admin' | 'guard'>;
  /** Errors and warnings in the order of their places. */
  readonly problems: readonly Diagnostic[];
  /** Every environment variable that it reads: secrets, for the most part. */
  readonly variables: readonly string[];
  /** Every file the configuration names, absolute, whether it exists or not; not the configuration itself. */
  readonly files: readonly string[];
  /** The bytes of a file that it names, as they were when it was read. @throws the system's error */
  readonly read: (file: string) => Buffer;
  /** What was found: of the configuration itself by `file`, of those it names by their absolute paths. */
  readonly found: FileReader['found'];
  /**
   * A diagnostic at the place where a value was written: for `['routes', 0, 'tls', 'cert']` the route, else `defaults`,
   * else the nearest node around it.
   */
  readonly diagnose: (path: Path, message: string, severity?: Diagnostic['severity']) => Diagnostic;
}

/**
 * Reads, decodes and checks a configuration (contract 2), with all problems at once. Throws nothing for a bad or absent
 * file: what is wrong is in `problems`.
 * @param env for `${NAME}` and `{ env: NAME }`
 */
export function loadConfig(file: string, env: Readonly<Record<string, string | undefined>>): LoadedConfig {
  const reader = new FileReader();
  let text = '';
  const reason = unreadable(() => {
    text = reader
      .readAny(file)
      .toString('utf8')
      .replace(/^\uFEFF/, '');
  });
  if (reason === undefined) return finish(file, text, env, reader, dirname(resolve(file)));
  const problem: Diagnostic = {
    severity: 'error',
    file,
    line: 1,
    column: 1,
    message: `cannot read the configuration: ${reason}; name one with --config or $MTLS_PROXY_CONFIG, or write config/proxy.yaml`,
    source: '',
  };
  const diagnose: LoadedConfig['diagnose'] = (_path, message, severity = 'error') => ({
    ...problem,
    message,
    severity,
  });
  return { file, problems: [problem], variables: [], files: [], ...lookInto(reader), diagnose };
}

/**
 * The same of a configuration that a program has put together: what is wrong is named by its key, such as `routes[0].tls.cert`.
 *
 * @param written with the keys and values of the file
 * @param folder what paths are relative to
 */
export function loadObject(
  written: unknown,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): LoadedConfig {
  // JSON is YAML, and so it is read as a file is, with all the same rules.
  return finish('', JSON.stringify(written, null, 2) ?? 'null', env, new FileReader(), resolve(folder));
}

function lookInto(reader: FileReader): Pick<LoadedConfig, 'read' | 'found'> {
  return { read: (file) => reader.read(file, maxFile), found: reader.found };
}

/** @param file empty if it came from none */
function finish(file: string, text: string, given: Scope['env'], reader: FileReader, folder: string): LoadedConfig {
  const variables = new Set<string>();
  const env = new Proxy(given, {
    get: (all, name: string) => {
      variables.add(name);
      return all[name];
    },
  });
  const { root, written, problems, secrets, original, isUnsure } = readText(text, env);
  const source = new Source(file, text);
  const offsetOf = (path: Path) => original(nodeNear(root, path).offset);
  const found: Problem[] = [...problems];
  const scope: RuleScope = {
    folder,
    env,
    files: new Set(),
    read: (name, most) => reader.read(name, most),
    written: (path) => writtenAt(root, path),
    lineOf: (path) => source.place(offsetOf(path)).line,
    problem: (path, message, kind = 'error') => found.push({ offset: offsetOf(path), message, kind }),
  };
  const config = settle(written, scope);
  checkRules(written, scope);
  const show = (offset: number, message: string, severity: Diagnostic['severity'] = 'error'): Diagnostic => ({
    ...source.diagnostic(offset, message, severity, secrets),
    ...(file === '' && { key: keyAt(root, offset) }),
  });
  const diagnostics = found
    .filter((problem) => !isUnsure(problem))
    .map(({ offset, message, kind }) => show(offset, message, kind === 'warning' ? kind : 'error'));
  return {
    file,
    reach: config,
    ...(diagnostics.every(({ severity }) => severity === 'warning') && { config }),
    problems: withoutRepeats(diagnostics).sort(byPlace),
    variables: [...variables],
    files: [...scope.files],
    ...lookInto(reader),
    diagnose: (path, message, severity) => show(offsetOf(path), message, severity),
  };
}

/** One problem can be met on several ways: a setting of `defaults` by every route, a value by every alias of it. */
function withoutRepeats(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...new Map(diagnostics.map((each) => [`${each.line}:${each.column}:${each.message}`, each])).values()];
}
