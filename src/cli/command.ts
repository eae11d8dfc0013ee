import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Io } from './io.ts';

const usage = `mtls-proxy: plain HTTP in, mutual TLS out, by the TLS version that the other side accepts

  mtls-proxy [run] [--config FILE]   run the proxy
  mtls-proxy check [--config FILE]   load everything a start would load, listen on nothing, print every problem
  mtls-proxy demo [--once]           show it at work on servers of its own; --once: stop after the table

  --config FILE   default: $MTLS_PROXY_CONFIG, then config/proxy.yaml
  --help          this text
  --version       the version

The log goes to the standard output, messages about a command to the standard error.
Exit: 0 ok, 1 it ran and failed, 2 usage or configuration error.
`;

const options = {
  config: { type: 'string' },
  once: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const;

/** Options that each command takes besides --help and --version. */
const commands: Readonly<Record<string, readonly string[]>> = { run: ['config'], check: ['config'], demo: ['once'] };

/**
 * Reads the arguments and runs their command.
 *
 * @param argv without the program's own name
 * @returns the exit code: 0 ok, 1 it ran and failed, 2 usage or configuration error
 */
export async function command(argv: readonly string[], io: Io): Promise<number> {
  const parsed = parse(argv);
  if (typeof parsed === 'string') {
    io.stderr.write(`mtls-proxy: ${parsed}\n\n${usage}`);
    return 2;
  }
  const { name, values } = parsed;
  if (values.help) {
    io.stdout.write(usage);
    return 0;
  }
  if (values.version) {
    io.stdout.write(`${version()}\n`);
    return 0;
  }
  if (name === 'demo') {
    const { demo } = await import('./demo.ts');
    const { startDemo } = await import('./demo-start.ts');
    return demo({ once: values.once === true }, io, startDemo(io));
  }
  const file = values.config ?? (io.env['MTLS_PROXY_CONFIG'] || 'config/proxy.yaml');
  const { run, check } = await import('./run.ts');
  return name === 'check' ? check(file, io) : run(file, io);
}

interface Parsed {
  readonly name: string;
  readonly values: { config?: string; once?: boolean; help?: boolean; version?: boolean };
}

/** The command with its options, or what is wrong with them. */
function parse(argv: readonly string[]): Parsed | string {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
    const [name = 'run', ...rest] = positionals;
    // What every object has, `toString` for one, is no command.
    const allowed = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (allowed === undefined) return `there is no command "${name}"; there are: ${Object.keys(commands).join(', ')}`;
    if (rest.length > 0) return `"${name}" takes no argument "${rest[0]}"`;
    const foreign = Object.keys(values).find((key) => !['help', 'version', ...allowed].includes(key));
    return foreign === undefined ? { name, values } : `"${name}" takes no option --${foreign}`;
  } catch (error) {
    return (error as Error).message;
  }
}

function version(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
