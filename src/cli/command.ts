import { parseArgs } from 'node:util';
import { version } from '../installation.ts';
import { commands, didYouMean, overview } from './help.ts';
import type { Io } from './io.ts';

const options = {
  config: { type: 'string' },
  once: { type: 'boolean' },
  live: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
} as const;

/**
 * Reads the arguments and runs their command.
 *
 * @param argv without the program's own name
 * @returns the exit code: 0 ok, 1 it ran and failed, 2 usage or configuration error
 */
export async function command(argv: readonly string[], io: Io): Promise<number> {
  const parsed = parse(argv);
  if (typeof parsed === 'string') {
    io.stderr.write(`mtls-proxy: ${parsed}\n\n${overview}`);
    return 2;
  }
  const { name, argument, values, asked } = parsed;
  if (values.help) {
    io.stdout.write(commands[asked]?.help ?? overview);
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
  return hangups === undefined
    ? check(file, { live: values.live === true, json: values.json === true }, io)
    : run(file, io, hangups);
}

interface Parsed {
  readonly name: string;
  /** Empty for a command that takes none. */
  readonly argument: string;
  /** The command that help is wanted of; empty for all of them. */
  readonly asked: string;
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
    // `help help` is `help`.
    const words = positionals[0] === 'help' ? positionals.slice(1).filter((word) => word !== 'help') : positionals;
    const wantsHelp = values.help === true || words !== positionals;
    const [name = 'run', ...rest] = words;
    const taken = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (taken === undefined) return `there is no command "${name}"; ${thereAre(name)}`;
    const argument = taken.argument === undefined ? '' : rest.shift();
    if (rest.length > 0) return `"${name}" takes no argument "${rest[0]}"`;
    const foreign = Object.keys(values).find((key) => !['help', 'version', ...taken.options].includes(key));
    if (foreign !== undefined) return `"${name}" takes no option --${foreign}${whoTakes(foreign)}`;
    const parsed = { name, argument: argument ?? '', asked: words[0] ?? '', values: { ...values, help: wantsHelp } };
    if (argument !== undefined || wantsHelp || values.version) return parsed;
    return `"${name}" needs ${taken.argument}`;
  } catch (error) {
    return inWords(error as NodeJS.ErrnoException);
  }
}

function thereAre(written: string): string {
  const names = [...Object.keys(commands), 'help'];
  return `there are: ${names.join(', ')}${didYouMean(written, names)}`;
}

function whoTakes(option: string): string {
  const names = Object.keys(commands).filter((name) => commands[name]?.options.includes(option));
  return `; ${names.join(', ')} ${names.length === 1 ? 'does' : 'do'}`;
}

/** What Node says of arguments, with a hint in the place of its own, which is of no use here. */
function inWords({ code, message }: NodeJS.ErrnoException): string {
  const [, dashes, option] = /^Unknown option '(-*)([^']*)'/.exec(message) ?? [];
  if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION' || option === undefined) return message;
  return `there is no option ${dashes}${option}${didYouMean(option, Object.keys(options), '--')}`;
}
