import type { LiveRoute } from '../proxy/task.ts';
import type { Gauge } from '../stats/families.ts';
import { type AdminView, unready } from './view.ts';

/** What the metrics show of this moment. @param now milliseconds of the epoch */
export function gaugeOf(view: AdminView, now: number): Gauge {
  const { routes, retired, version } = view;
  const named = ({ settings: { name: route }, upstream }: LiveRoute) => ({ route, upstream });
  const each = routes.map(named);
  return {
    version,
    ready: unready(view, now).length === 0,
    routes: each.map(({ route, upstream: { ladder } }) => {
      return { route, offers: ladder.offers, lowered: ladder.lowered !== undefined };
    }),
    connections: [...each, ...retired.map(named)].flatMap(({ route, upstream: { pool } }) =>
      Object.entries(pool.counts).map(([state, count]) => ({ route, state, count })),
    ),
    certificates: each.flatMap(({ route, upstream }) =>
      upstream.certificates.map(({ kind, notBefore, notAfter }) => {
        return { route, kind, notBefore: Date.parse(notBefore) / 1000, notAfter: Date.parse(notAfter) / 1000 };
      }),
    ),
  };
}
