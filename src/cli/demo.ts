import { request } from 'node:http';
import { type Folder, makeFolder } from '../demo/folder.ts';
import { inWords, Journal, parseObject } from '../demo/journal.ts';
import { does, explain, inOrder, judge, type Seen } from '../demo/outcome.ts';
import { makePki } from '../demo/pki.ts';
import { startUpstreams, type UpstreamName, type Upstreams, upstreamNames } from '../demo/upstreams.ts';
import type { Attempt } from '../errors.ts';
import { Progress, type ProgressStream } from './progress.ts';
import { plain, renderTable, styleOf, type Terminal } from './table.ts';

export interface DemoArgs {
  /** Stop after the table. */
  readonly once: boolean;
  /** The port to listen on if it is free; 8080 if left out. */
  readonly port?: number;
}

/** What the command touches outside itself. */
export interface DemoIo {
  readonly stdout: Terminal & { write(text: string): unknown };
  readonly stderr: ProgressStream;
  readonly env: NodeJS.ProcessEnv;
  /** Aborts when the command is asked to stop. */
  readonly signal: AbortSignal;
}

/** A started proxy. */
export interface Running {
  /** `host:port` of each listener. */
  readonly addresses: readonly string[];
  /** Stops it, waiting at most so many milliseconds for running requests. */
  stop(drainMs?: number): Promise<unknown>;
}

/**
 * Starts the proxy on a configuration file, its log going to `log` as JSON lines.
 * Rejects with the code EADDRINUSE if the address is taken.
 */
export type Start = (file: string, log: { write(line: string): void }) => Promise<Running>;

/** Milliseconds; far above what any of the demo's requests takes. */
const patience = 20_000;

/**
 * Runs the proxy before four TLS servers of its own, sends each a request, prints what happened, and keeps serving until
 * `io.signal` aborts (with `args.once`: stops at once). Everything that it made is gone when it ends.
 *
 * @returns the exit code: 0 if every outcome was the right one
 */
export async function demo(args: DemoArgs, io: DemoIo, start: Start): Promise<number> {
  const print = (text: string): unknown => io.stdout.write(text);
  const style = styleOf(io.stdout, io.env);
  const journal = new Journal();
  const progress = new Progress(io.stderr);
  let upstreams: Upstreams | undefined;
  let folder: Folder | undefined;
  let running: Running | undefined;
  const sweep = (): void => folder?.remove();
  process.once('exit', sweep); // a second signal ends the process without passing the `finally` below
  try {
    progress.show('making certificates …');
    const pki = await makePki();
    upstreams = await startUpstreams(pki);
    folder = await makeFolder(pki, upstreams);
    const preferred = args.port ?? 8080;
    running = await startOn(preferred, folder, start, journal);
    const port = Number(running.addresses[0]?.split(':').at(-1));
    if (port !== preferred && preferred !== 0) print(`Port ${preferred} is taken, so the proxy listens on ${port}.\n`);
    progress.clear();
    print('Plain HTTP in, mutual TLS out, to four servers that demand a client certificate:\n\n');

    const all: Seen[] = [];
    const asking = new Progress(io.stderr);
    for (const name of upstreamNames) {
      asking.show(`asking for /${name}/hello …`);
      all.push(await ask(name, port, journal, io.signal));
    }
    asking.clear();
    if (io.signal.aborted) return 1;
    print(renderTable(headings, all.map(rowOf), style));
    const wrong = all.filter((seen) => judge(seen) !== undefined);
    for (const seen of wrong) io.stderr.write(`mtls-proxy demo: /${seen.route}: ${judge(seen)}\n`);
    if (wrong.length === 0) print('\nEvery outcome is the right one.\n');

    if (!args.once) {
      const stop = journal.follow((line) => {
        const words = inWords(line);
        if (words !== undefined) print(`${plain(words, style)}\n`);
      });
      print(invitation(port, folder.config));
      await aborted(io.signal);
      stop();
    }
    return wrong.length === 0 ? 0 : 1;
  } catch (error) {
    progress.clear();
    io.stderr.write(`mtls-proxy demo: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await running?.stop(1000);
    await upstreams?.close();
    sweep();
    process.off('exit', sweep);
  }
}

const headings = ['route', 'the upstream', 'status', 'protocol', 'attempts'];

function rowOf(seen: Seen) {
  const status = String(seen.status ?? '-');
  return {
    good: judge(seen) === undefined,
    cells: [`/${seen.route}`, does[seen.route], status, seen.protocol ?? '-', inOrder(seen.attempts)],
    note: explain(seen),
  };
}

function invitation(port: number, file: string): string {
  const commands = upstreamNames.map((name) => `  curl -i http://localhost:${port}/${name}/hello\n`);
  return `
The proxy goes on until Ctrl-C. Try, from another terminal:

${commands.join('')}
Its configuration is ${file}
Its log, in short:

`;
}

/** Starts on the preferred port or, if that is taken, on a free one. */
async function startOn(port: number, folder: Folder, start: Start, journal: Journal): Promise<Running> {
  await folder.configure(port);
  try {
    return await start(folder.config, journal);
  } catch (error) {
    if (port === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    await folder.configure(0);
    return start(folder.config, journal);
  }
}

/** Sends one plain HTTP request through the proxy and puts together what it and the log tell. Never rejects. */
async function ask(route: UpstreamName, port: number, journal: Journal, stop: AbortSignal): Promise<Seen> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(patience)]);
  const response = await send(`http://127.0.0.1:${port}/${route}/hello`, signal).catch((error: Error) => error);
  const failed = response instanceof Error;
  // The line is written when the response has been sent, which may be after it came here.
  const line = failed
    ? undefined
    : await journal.find((line) => line.msg === 'request' && line.route === route, signal);
  const lines = journal.lines.filter((line) => line.route === route);
  const handshake = lines.findLast((line) => line.msg === 'handshake');
  const body = failed ? undefined : parseObject(response.body);
  const problem: Problem | undefined = failed || response.status === 200 ? undefined : body;
  const cause = problem?.cause ?? line?.cause;
  const attempts = problem?.attempts ?? handshake?.attempts;
  return {
    route,
    ...(failed ? { error: response.message } : { status: response.status }),
    ...(line?.protocol === undefined ? {} : { protocol: line.protocol }),
    ...(cause === undefined ? {} : { cause }),
    ...(problem?.detail === undefined ? {} : { detail: problem.detail }),
    ...(problem === undefined && body !== undefined ? { answer: body } : {}),
    attempts: typeof attempts === 'object' ? attempts : [],
    fallbacks: lines.filter((line) => line.msg === 'fallback'),
  };
}

/** What the demo reads of a problem document. */
interface Problem {
  readonly cause?: string;
  readonly detail?: string;
  readonly attempts?: readonly Attempt[];
}

function send(url: string, signal: AbortSignal): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false, signal }, async (response) => {
      try {
        let body = '';
        for await (const chunk of response.setEncoding('utf8')) body += chunk;
        resolve({ status: response.statusCode ?? 0, body });
      } catch (error) {
        reject(error);
      }
    });
    sent.on('error', reject).end();
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
