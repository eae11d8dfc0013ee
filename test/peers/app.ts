import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closing, type Scope } from '../fixtures/teardown.ts';

/** A request as the program behind a terminating server sees it. */
export interface Account {
  readonly method: string;
  readonly target: string;
  /** By lower-case name; `x-client`, `x-protocol` and `x-resumed` come from the server in front. */
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: number;
  readonly sha256: string;
}

/** The plain-HTTP program behind nginx or HAProxy: answers every request with an {@link Account} of it. */
export async function startApp(t: Scope): Promise<{ readonly port: number; readonly accounts: readonly Account[] }> {
  const accounts: Account[] = [];
  const server = createServer(async (request, response) => {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      hash.update(chunk);
    }
    const { method = '', url: target = '', headers } = request;
    const account = { method, target, headers, bytes, sha256: hash.digest('hex') } as unknown as Account;
    accounts.push(account);
    response.setHeader('Content-Type', 'application/json');
    response.setHeader('Set-Cookie', ['a=1', 'b=2']);
    response.end(JSON.stringify(account));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return closing(t, {
    port,
    accounts,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}

/** The SHA-256 of a text or bytes, hexadecimal. */
export function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
