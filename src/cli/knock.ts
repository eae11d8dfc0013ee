import { request } from 'node:http';
import { connect } from 'node:net';
import { formatListen } from '../config/addresses.ts';
import type { ListenAddress } from '../config/config.ts';

/** Where something listens; what systemd opens is known by its address only once it is listened on. */
export type Knockable = Exclude<ListenAddress, { readonly systemd: string }>;

/**
 * Finds out whether a listener still takes connections: makes one, ends it without a request, and waits for the other side to
 * end it too, which takes its event loop. Nothing of it is logged there.
 *
 * @param within milliseconds
 * @throws an error whose message says what is wrong
 */
export function knock(where: Knockable, within: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const name = formatListen(where);
    const socket = connect('unix' in where ? { path: where.unix } : reached(where));
    const timer = setTimeout(() => {
      reject(new Error(`${name} did not answer within ${within} ms`));
      socket.destroy();
    }, within);
    let connected = false;
    socket.once('connect', () => {
      connected = true;
      socket.end();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      // A connection that was taken, even only to be reset, was taken.
      if (!connected) reject(new Error(`${name} takes no connection (${error.code})`));
    });
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.resume();
  });
}

/**
 * Asks an admin listener for `/healthz`.
 *
 * @param token of the guard
 * @param within milliseconds
 * @throws an error whose message says what is wrong: no answer, or another one than 200
 */
export function askHealth(where: Knockable, token: string | undefined, within: number): Promise<void> {
  const name = formatListen(where);
  // The guard knows every listener as localhost.
  const headers = {
    Host: 'localhost',
    ...(token !== undefined && { 'Proxy-Authorization': `Bearer ${token}` }),
  };
  const signal = AbortSignal.timeout(within);
  return new Promise((resolve, reject) => {
    const to = 'unix' in where ? { socketPath: where.unix } : reached(where);
    const asked = request({ ...to, path: '/healthz', headers, agent: false, signal }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text = (text + part).slice(0, longestAnswer);
      });
      response.on('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`${name} answered ${response.statusCode}: ${text.trim()}`));
      });
      response.on('error', (error) => reject(new Error(`${name} broke off its answer (${error.message})`)));
    });
    asked.on('error', (error: NodeJS.ErrnoException) => {
      reject(
        new Error(
          `${name} ${signal.aborted ? `did not answer within ${within} ms` : `gives no answer (${error.code})`}`,
        ),
      );
    });
    asked.end();
  });
}

/** Characters that are told of an answer that is not 200. */
const longestAnswer = 1000;

/** How a TCP listener is reached from this machine; one of all addresses is reached by loopback. */
function reached({ host, port }: { readonly host: string; readonly port: number }) {
  return { host: host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host, port };
}
