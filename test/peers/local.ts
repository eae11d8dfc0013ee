import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { makePki, pkiFiles } from '../fixtures/pki.ts';
import { oneRoute, runProxy } from '../fixtures/proxy.ts';
import type { Scope } from '../fixtures/teardown.ts';
import { type RequestRecord, startUpstream, type Upstream } from '../fixtures/upstreams.ts';

/** What a local program is pointed at: the proxy by its name, and the mutual-TLS upstream behind it. */
export interface Place {
  /** `http://localhost:PORT/iot` */
  readonly base: string;
  readonly upstream: Upstream;
  /** A fresh directory, removed at teardown. */
  readonly directory: string;
}

/**
 * Starts an upstream that demands a client certificate, and the command with a route to it at `/iot`, and one at `/refused`
 * whose certificate the upstream does not take. The upstream answers `/missing` with 404 and all else with 200, two cookies
 * and an account of the request; the answer to `/stream` is chunked with a trailer.
 */
export async function startPlace(t: Scope): Promise<Place> {
  const pki = await makePki();
  const directory = await mkdtemp(join(tmpdir(), 'local-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const upstream = await startUpstream(t, {
    cert: pki.server.chain,
    key: pki.server.key,
    ca: pki.ca.cert,
    async handler(request, response, record) {
      request.resume();
      await record.finished;
      if (!record.complete) return;
      const { method, target, bytes, sha256 } = record;
      const account = `${JSON.stringify({ client: record.connection.client, method, target, bytes, sha256 })}\n`;
      const headers = ['Content-Type', 'application/json', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'];
      if (target.startsWith('/api/stream')) {
        response.writeHead(200, [...headers, 'Trailer', 'X-End'] as unknown as Record<string, string>);
        for (const part of account.match(/.{1,20}\n?/g) ?? []) response.write(part);
        response.addTrailers({ 'X-End': 'yes' });
        response.end();
        return;
      }
      const length = String(Buffer.byteLength(account));
      const status = target.startsWith('/api/missing') ? 404 : 200;
      response.writeHead(status, [...headers, 'Content-Length', length] as unknown as Record<string, string>);
      response.end(account);
    },
  });
  const refused = { cert: 'other-client.crt', key: 'other-client.key', ca: 'ca.pem' };
  const { routes, ...rest } = oneRoute(`${upstream.url}/api`) as { routes: object[] };
  routes.push({ name: 'refused', match: { path: '/refused' }, upstream: upstream.url, tls: refused });
  const proxy = await runProxy(t, { config: { ...rest, routes }, files: pkiFiles(pki) });
  return { base: `http://localhost:${proxy.port}/iot`, upstream, directory };
}

/** The account that the upstream gives of a request, as its answer has it. */
export interface Answered {
  readonly client: string;
  readonly method: string;
  readonly target: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The last request that arrived. */
export function last(upstream: Upstream): RequestRecord {
  return upstream.requests.at(-1);
}

/** What a program left behind. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end, without the variables by which it would ask for another proxy.
 * @throws when it is not installed or a signal ended it
 */
export function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly input?: Buffer } = {},
): Promise<Ran> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/_proxy$|^JAVA_TOOL_|^_JAVA/i.test(name)),
  );
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { env, cwd: options.cwd, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, stdout, stderr });
      else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr });
      else reject(new Error(`${command}: ${error.message}; is its Debian package installed?`, { cause: error }));
    });
    child.stdin?.on('error', () => undefined); // EPIPE: it need not read its input
    child.stdin?.end(options.input);
  });
}

/** Has a shell become a program that keeps running, and hands on each line of its standard output; ended at teardown. */
export function keepRunning(t: Scope, script: string, cwd: string, onLine: (line: string) => void): void {
  const child = spawn('bash', ['-ec', script], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  createInterface(child.stdout).on('line', onLine);
  t.teardown(async () => {
    child.kill();
    await exited;
  });
}

/** The path of a file that lies beside the sources of these tests and is not compiled with them. */
export function beside(name: string): string {
  return fileURLToPath(new URL(`../../../test/peers/${name}`, import.meta.url));
}
