import httpProxy from 'http-proxy';
import { Exchange } from './exchange.ts';
import type { LiveRoute, Task } from './task.ts';

/** What http-proxy's types leave out: its passes, a public but untyped property. */
interface PassLists {
  webPasses: ((request: Task['request'], response: Task['response']) => void)[];
  wsPasses: unknown[];
}

/** Where a request carries its task to the pass: http-proxy hands on request and response, and nothing else. */
const carried = Symbol('task');

interface Carrier {
  [carried]?: Task;
}

/**
 * Wraps a route into http-proxy. Its pass loop is used, its stock passes are not: they smuggle requests, hang on cut
 * responses and leak connections. In their place stands one pass, this project's exchange.
 *
 * @param origin the route's upstream as a URL; http-proxy insists on a target
 * @returns the function that forwards a task by this route
 */
export function shellOf(origin: string): LiveRoute['forward'] {
  const server = httpProxy.createProxyServer({ target: new URL(origin) as unknown as string });
  const lists = server as unknown as PassLists;
  lists.webPasses = [exchangePass];
  lists.wsPasses = [];
  return (task) => {
    (task.request as Carrier)[carried] = task;
    // Without a third argument: with one, http-proxy copies its options for every request.
    server.web(task.request, task.response);
  };
}

function exchangePass(request: Task['request']): void {
  const task = (request as Carrier)[carried] as Task;
  new Exchange(task, task.route as LiveRoute).begin();
}
