import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import httpProxy from 'http-proxy';
import { Exchange } from './exchange.ts';
import type { LiveRoute, Task } from './task.ts';

/** What http-proxy's types leave out: its passes, a public but untyped property. */
interface PassLists {
  webPasses: ((request: Task['request'], response: Task['response']) => void)[];
  wsPasses: ((request: Task['request'], socket: Socket) => void)[];
}

/** Where a request carries its task to the pass: http-proxy hands on request and response, and nothing else. */
const carried = Symbol('task');

interface Carrier {
  [carried]?: Task | undefined;
}

/**
 * Wraps a route into http-proxy. Its pass loop is used, its stock passes are not: they smuggle requests, hang on cut
 * responses and leak connections. In their place stands one pass, for requests and upgrades alike: this project's exchange.
 *
 * @param origin the route's upstream as a URL; http-proxy insists on a target
 * @returns the function that forwards a task by this route
 */
export function shellOf(origin: string): LiveRoute['forward'] {
  const server = httpProxy.createProxyServer({ target: new URL(origin) as unknown as string });
  const lists = server as unknown as PassLists;
  lists.webPasses = [exchangePass];
  lists.wsPasses = [exchangePass];
  return (task) => {
    (task.request as Carrier)[carried] = task;
    // Without options: with them, http-proxy copies its own for every request.
    const request = task.request as IncomingMessage;
    if (task.handOver === undefined) server.web(request, task.response as ServerResponse);
    else server.ws(request, task.handOver.socket, nothing);
  };
}

/** What came behind an upgrade stays where it is kept; http-proxy takes an argument here for its options if it is no buffer. */
const nothing = Buffer.alloc(0);

function exchangePass(request: Task['request']): void {
  const task = (request as Carrier)[carried] as Task;
  // One that stands for others stays, and must keep nothing of this one alive.
  (request as Carrier)[carried] = undefined;
  new Exchange(task, task.route as LiveRoute).begin();
}
