import { nearest } from '../config/nearest.ts';

/** What a command takes besides --help and --version, and how it is told of. */
interface Command {
  readonly options: readonly string[];
  /** What its argument is called, if it needs one. */
  readonly argument?: string;
  /** Its help: how it is called, what it does, examples. */
  readonly help: string;
}

const configuration = '  --config FILE   default: $MTLS_PROXY_CONFIG, then config/proxy.yaml\n';

/** The commands, in the order in which one meets them. */
export const commands: Readonly<Record<string, Command>> = {
  run: {
    options: ['config'],
    help: `mtls-proxy [run] [--config FILE]

Runs the proxy in the foreground. The log goes to the standard output: sentences on a terminal, JSON lines elsewhere.
SIGHUP, or a change of the configuration or of a file that it names, has everything read again. SIGTERM and Ctrl-C stop it
when the running requests are done; a second one stops it at once.

${configuration}
  mtls-proxy                                  with config/proxy.yaml
  mtls-proxy run --config /etc/mtls-proxy/proxy.yaml

Exit: 0 stopped, 1 it could not listen or had to cut requests off, 2 the configuration is wrong.
`,
  },
  check: {
    options: ['config', 'live', 'json'],
    help: `mtls-proxy check [--config FILE] [--live] [--json]

Loads everything that a start would load, certificates, keys and stores included, listens on nothing, and prints every
problem with its line.

${configuration}  --live          also make one handshake for each route
  --json          one document instead: ok, problems (severity, file, line, column, message), routes, and live

  mtls-proxy check                            before a start, or before a reload
  mtls-proxy check --live                     and does each upstream take us?
  mtls-proxy check --json | jq -r '.problems[].message'

Exit: 0 it may run, 1 a handshake of --live failed, 2 the configuration is wrong.
`,
  },
  probe: {
    options: ['config', 'json'],
    argument: "a route's name or a URL such as https://host:8743",
    help: `mtls-proxy probe ROUTE [--config FILE] [--json]
mtls-proxy probe https://HOST[:PORT] [--json]

Tries each TLS version and key-exchange group set separately, with and without the client certificate, and says what
worked, what did not and why, and which \`versions\` to pin. It may take half a minute; nothing of HTTP is sent.

${configuration}  --json          the same as one document

  mtls-proxy probe iot                        by the route's own credentials
  mtls-proxy probe https://device.example.com:8743
                                              without any, before there is a configuration

Exit: 0 at least one handshake was good, 1 none was, 2 there is no such route or the configuration is wrong.
`,
  },
  healthcheck: {
    options: ['config'],
    help: `mtls-proxy healthcheck [--config FILE]

Asks the proxy that runs with this configuration on this machine whether it is alive: its admin listener, or, where there is
none, whether its first listener takes a connection. For containers and scripts.

${configuration}
  mtls-proxy healthcheck --config /etc/mtls-proxy/proxy.yaml

Exit: 0 alive, 1 not, 2 the configuration does not say where to ask.
`,
  },
  schema: {
    options: [],
    help: `mtls-proxy schema

Prints the JSON Schema of the configuration. Editors complete and check a file whose first line names it.

  mtls-proxy schema > proxy.schema.json
  # yaml-language-server: $schema=proxy.schema.json        the first line of proxy.yaml
`,
  },
  demo: {
    options: ['once'],
    help: `mtls-proxy demo [--once]

Shows the proxy at work, with certificates, upstreams and a configuration of its own: one modern upstream, one that resets
what offers more than TLS 1.2, one that speaks only TLS 1.0, and one that refuses the client certificate. Then it keeps
serving, to be tried by hand; nothing of it is left when it ends.

  --once          stop after the table

  mtls-proxy demo --once                      does it work on this machine?

Exit: 0 if every outcome was the right one, else 1.
`,
  },
};

/** The help for those who ask for nothing in particular. */
export const overview = `mtls-proxy: plain HTTP in, mutual TLS out, by the TLS version that the other side accepts

  mtls-proxy [run] [--config FILE]   run the proxy
  mtls-proxy check [--config FILE] [--live] [--json]
                                     load everything a start would load, listen on nothing, print every problem;
                                     --live: also make one handshake for each route
  mtls-proxy probe ROUTE [--config FILE] [--json]
  mtls-proxy probe https://HOST[:PORT] [--json]
                                     try each TLS version and key-exchange group set, with and without the client
                                     certificate, and say what to pin
  mtls-proxy healthcheck [--config FILE]
                                     ask the proxy that runs with this configuration whether it is alive, for containers
  mtls-proxy schema                  print the JSON Schema of the configuration, for editors
  mtls-proxy demo [--once]           show it at work on servers of its own; --once: stop after the table
  mtls-proxy help [COMMAND]          this text, or what a command does, with examples

${configuration}  --help, -h      this text; behind a command, its own
  --version, -V   the version

First steps: \`mtls-proxy demo\` shows what it does; \`mtls-proxy probe https://HOST:PORT\` shows what your upstream takes;
write config/proxy.yaml, \`mtls-proxy check --live\`, \`mtls-proxy\`.

The log goes to the standard output, messages about a command to the standard error.
Exit: 0 ok, 1 it ran and failed, 2 usage or configuration error.
`;

/** The end of a message: the known word that is near to what was written, with a prefix; nothing if none is. */
export function didYouMean(written: string, known: readonly string[], prefix = ''): string {
  const found = nearest(written, known);
  return found === undefined ? '' : `; did you mean ${prefix}${found}?`;
}
