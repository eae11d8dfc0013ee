import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** What is used of a body that is read as it comes; each member but `next` is as in Node's IncomingMessage. */
export interface BodySource {
  readonly readableEnded: boolean;
  readonly rawTrailers: string[];
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  /** The piece that waits to be told next, if one does: it is told herewith. Left out by Node's. */
  next?(): Buffer | undefined;
  isPaused(): boolean;
  pause(): unknown;
  resume(): unknown;
}

/** What is used of a client's request besides its body, be it Node's or read here. */
export interface ClientRequest
  extends Pick<
    IncomingMessage,
    | 'method'
    | 'url'
    | 'httpVersion'
    | 'httpVersionMajor'
    | 'httpVersionMinor'
    | 'rawHeaders'
    | 'headers'
    | 'socket'
    | 'complete'
    | 'destroyed'
  > {
  once(event: 'close', listener: () => void): unknown;
  /** All of its body, if that came together with the head. */
  readonly body?: Buffer | undefined;
  /** What any other body is read from; left out by a request that is Node's: there it is the request itself. */
  readonly incoming?: BodySource | undefined;
  /** Stands for each request with the same head from the same client's address: what has been found out for one may be kept with it. */
  readonly recurs?: object;
}

/** What is used of the response to one; each member is as in Node's ServerResponse. */
export interface ClientResponse {
  readonly req: ClientRequest;
  readonly socket: Socket | null;
  statusCode: number;
  shouldKeepAlive: boolean;
  finished: boolean;
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  readonly writableFinished: boolean;
  readonly destroyed: boolean;
  setHeader(name: string, value: string): unknown;
  writeHead(status: number, fields: string[] | Record<string, string>): unknown;
  writeHead(status: number, reason: string, fields: string[]): unknown;
  write(chunk: Buffer, written?: (error?: Error | null) => void): boolean;
  end(chunk?: Buffer | string): unknown;
  end(text: string, encoding: BufferEncoding): unknown;
  addTrailers(trailers: [string, string][]): void;
  flushHeaders(): void;
  destroy(error?: Error): unknown;
  emit(event: 'finish'): boolean;
  on(event: 'close', listener: () => void): unknown;
  once(event: 'finish' | 'drain', listener: () => void): unknown;
}
