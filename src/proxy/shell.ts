import httpProxy from 'http-proxy';
import { Exchange } from './exchange.ts';
import type { LiveRoute, Task } from './task.ts';

/** What http-proxy's types leave out: its passes, a public but untyped property. */
interface PassLists {
  webPasses: ((request: Task['request'], response: Task['response']) => void)[];
  wsPasses: unknown[];
}

/** Tasks by their request, for the passes: http-proxy hands on request and response, and nothing else. */
const tasks = new WeakMap<Task['request'], { task: Task; route: LiveRoute }>();

/**
 * Wraps a route into http-proxy. Its pass loop is used, its stock passes are not: they smuggle requests, hang on cut
 * responses and leak connections. In their place stands one pass, this project's exchange.
 *
 * @param origin the route's upstream as a URL; http-proxy insists on a target
 * @returns the function that forwards a task by this route
 */
export function shellOf(origin: string, route: () => LiveRoute): LiveRoute['forward'] {
  const server = httpProxy.createProxyServer({ target: new URL(origin) as unknown as string });
  const lists = server as unknown as PassLists;
  lists.webPasses = [exchangePass];
  lists.wsPasses = [];
  return (task) => {
    tasks.set(task.request, { task, route: route() });
    // Without a third argument: with one, http-proxy copies its options for every request.
    server.web(task.request, task.response);
  };
}

function exchangePass(request: Task['request']): void {
  const { task, route } = tasks.get(request) as { task: Task; route: LiveRoute };
  new Exchange(task, route).begin();
}
