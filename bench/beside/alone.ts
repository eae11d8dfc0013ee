import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { performance } from 'node:perf_hooks';
import { stringify } from 'yaml';
import { pkiFiles, writeFiles } from '../../test/fixtures/pki.ts';
import { command, oneRoute } from '../../test/fixtures/proxy.ts';
import { resident } from '../../test/fixtures/vitals.ts';
import type { Field } from './measure.ts';
import { median } from './report.ts';

/** What can be said of our process without another one beside it; times in milliseconds, memory in MiB. */
export interface Alone {
  /** `node -e 0`, from start to end. */
  readonly bareNode: number;
  /** From start to the `listening` line. */
  readonly listening: number;
  /** The first request after the start, with its handshake. */
  readonly firstRequest: number;
  /** The second one. */
  readonly secondRequest: number;
  readonly residentIdle: number;
  /** After some time without a request: V8 tidies up ten seconds after a start. */
  readonly residentAtRest: number;
}

/**
 * Starts the built command some times, and takes the medians.
 *
 * @param rest milliseconds for which it rests before its memory is looked at once more
 */
export async function alone(folder: string, field: Field, rounds: number, rest: number): Promise<Alone> {
  await writeFiles(folder, { ...pkiFiles(field.pki), 'alone.yaml': stringify(oneRoute(field.upstream.url)) });
  const all: Omit<Alone, 'residentAtRest'>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const bareNode = await timed(async () => {
      await once(spawn(process.execPath, ['-e', '0']), 'close');
    });
    all.push({ bareNode, ...(await startAndAsk(`${folder}/alone.yaml`)) });
  }
  // All to their end: one that fails leaves none of the others behind.
  const resting = await Promise.allSettled(Array.from({ length: 3 }, () => startAndRest(`${folder}/alone.yaml`, rest)));
  const atRest = resting.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
  const middle = (key: keyof (typeof all)[number]): number => median(all.map((one) => one[key]));
  return {
    bareNode: middle('bareNode'),
    listening: middle('listening'),
    firstRequest: middle('firstRequest'),
    secondRequest: middle('secondRequest'),
    residentIdle: middle('residentIdle'),
    residentAtRest: median(atRest),
  };
}

/** The built command, as soon as it listens. */
async function start(
  file: string,
): Promise<{ port: number; residentNow: () => Promise<number>; stop: () => Promise<void> }> {
  const child = spawn(process.execPath, [command, 'run', '--config', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const found = /"address":"127\.0\.0\.1:(\d+)"/.exec(text)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    child.once('close', () => reject(new Error('it ended before it listened')));
  });
  return {
    port,
    residentNow: async () => (await resident(child.pid as number)) / 2 ** 20,
    stop: async () => {
      child.removeAllListeners('close');
      child.kill();
      await once(child, 'close');
    },
  };
}

async function startAndAsk(file: string): Promise<Omit<Alone, 'bareNode' | 'residentAtRest'>> {
  const began = performance.now();
  const { port, residentNow, stop } = await start(file);
  const listening = performance.now() - began;
  const residentIdle = await residentNow();
  const firstRequest = await timed(() => ask(port));
  const secondRequest = await timed(() => ask(port));
  await stop();
  return { listening, firstRequest, secondRequest, residentIdle };
}

async function startAndRest(file: string, rest: number): Promise<number> {
  const { residentNow, stop } = await start(file);
  await new Promise((resolve) => setTimeout(resolve, rest));
  const residentAtRest = await residentNow();
  await stop();
  return residentAtRest;
}

/** A request over a connection of its own. */
async function ask(port: number): Promise<void> {
  const socket = createConnection(port, '127.0.0.1');
  socket.write('GET /iot/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  let text = '';
  for await (const chunk of socket) text += chunk;
  if (!text.startsWith('HTTP/1.1 200 ')) throw new Error(`no 200:\n${text}`);
}

async function timed(what: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await what();
  return performance.now() - began;
}

/** The model of the processor, as the kernel names it. */
export async function processor(): Promise<string> {
  return /^model name\s*:\s*(.+)$/m.exec(await readFile('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown processor';
}
