import { parseArgs } from 'node:util';
import { version } from '../installation.ts';
import type { Io } from './io.ts';

const usage = `mtls-proxy: plain HTTP in, mutual TLS out, by the TLS version that the other side accepts

  mtls-proxy [run] [--config FILE]   run the proxy
  mtls-proxy check [--config FILE] [--live]
                                     load everything a start would load, listen on nothing, print every problem;
                                     --live: also make one handshake for each route
  mtls-proxy probe ROUTE [--config FILE] [--json]
  mtls-proxy probe https://HOST[:PORT] [--json]
                                     try each TLS version and key-exchange group set, with and without the client
                                     certificate, and say what to pin; --json: as one document
  mtls-proxy healthcheck [--config FILE]
                                     ask the proxy that runs with this configuration whether it is alive, for containers
  mtls-proxy schema                  print the JSON Schema of the configuration, for editors
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
  live: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const;

/** Options that each command takes besides --help and --version, and what its argument is called if it needs one. */
const commands: Readonly<Record<string, { readonly options: readonly string[]; readonly argument?: string }>> = {
  run: { options: ['config'] },
  check: { options: ['config', 'live'] },
  probe: { options: ['config', 'json'], argument: "a route's name or a URL such as https://host:8743" },
  healthcheck: { options: ['config'] },
  schema: { options: [] },
  demo: { options: ['once'] },
};

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
  const { name, argument, values } = parsed;
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
  if (name === 'schema') {
    const { printSchema } = await import('./schema.ts');
    return printSchema(io);
  }
  const file = values.config ?? (io.env['MTLS_PROXY_CONFIG'] || 'config/proxy.yaml');
  if (name === 'probe') {
    const { probe } = await import('./probe.ts');
    return probe({ target: argument, file, json: values.json === true }, io);
  }
  if (name === 'healthcheck') {
    const { healthcheck } = await import('./healthcheck.ts');
    return healthcheck(file, io);
  }
  // Caught before anything is loaded: until then a SIGHUP ends the process.
  const hangups = name === 'run' ? io.catchHangups() : undefined;
  const { run, check } = await import('./run.ts');
  return hangups === undefined ? check(file, values.live === true, io) : run(file, io, hangups);
}

interface Parsed {
  readonly name: string;
  /** Empty for a command that takes none. */
  readonly argument: string;
  readonly values: {
    config?: string;
    once?: boolean;
    live?: boolean;
    json?: boolean;
    help?: boolean;
    version?: boolean;
  };
}

/** The command with its options, or what is wrong with them. */
function parse(argv: readonly string[]): Parsed | string {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
    const [name = 'run', ...rest] = positionals;
    const taken = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (taken === undefined) return `there is no command "${name}"; there are: ${Object.keys(commands).join(', ')}`;
    const argument = taken.argument === undefined ? '' : rest.shift();
    if (rest.length > 0) return `"${name}" takes no argument "${rest[0]}"`;
    const foreign = Object.keys(values).find((key) => !['help', 'version', ...taken.options].includes(key));
    if (foreign !== undefined) return `"${name}" takes no option --${foreign}`;
    if (argument !== undefined || values.help || values.version) return { name, argument: argument ?? '', values };
    return `"${name}" needs ${taken.argument}`;
  } catch (error) {
    return (error as Error).message;
  }
}
