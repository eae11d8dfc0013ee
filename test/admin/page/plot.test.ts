import t from 'tap';
import { latencyPlot, leftBar, requestsPlot } from '../../../src/admin/page/plot.ts';
import type { RequestsStatus } from '../../../src/admin/status.ts';

const requests = (slots: Partial<RequestsStatus['slots']>, more: Partial<RequestsStatus> = {}): RequestsStatus => ({
  total: 0,
  perSecond: 0,
  p50: null,
  p95: null,
  slotSeconds: 5,
  ...more,
  slots: {
    requests: [0, 0, 0, 0],
    failed: [0, 0, 0, 0],
    p50: [null, null, null, null],
    p95: [null, null, null, null],
    ...slots,
  },
});

t.test('requests are bars upwards and failures bars downwards, told in words as well', async (t) => {
  const drawn = String(requestsPlot(requests({ requests: [0, 20, 10, 0], failed: [0, 0, 5, 0] })));
  t.match(
    drawn,
    'aria-label="Requests of the last 20 s in steps of 5 seconds: 30 requests, 20 at most in one step, 5 failed"',
  );
  t.match(drawn, '<path class="count" d="M5 40V0h4V40zM10 40V20h4V40z"/>');
  t.match(drawn, '<path class="failed" d="M10 41V44.8h4V41z"/>');
});

t.test('one request among very many is still to be seen', async (t) => {
  const drawn = String(requestsPlot(requests({ requests: [1, 100_000, 0, 0], failed: [1, 0, 0, 0] })));
  t.match(drawn, '<path class="count" d="M0 40V39h4V40zM5 40V0h4V40z"/>');
  t.match(drawn, '<path class="failed" d="M0 41V43h4V41z"/>');
});

t.test('latencies are lines with gaps', async (t) => {
  const p50 = [2, null, 4, 4];
  const p95 = [4, null, 8, 8];
  const drawn = String(latencyPlot(requests({ p50, p95 }, { p50: 4, p95: 8 })));
  t.match(drawn, 'aria-label="Latency of the last 20 s: half of the requests within 4 ms, 95 of 100 within 8 ms"');
  t.match(drawn, '<path class="p95" d="M0 28H4"/><path class="p95" d="M10 2H14L15 2H19"/>');
  t.match(drawn, '<path class="p50" d="M0 41H4"/><path class="p50" d="M10 28H14L15 28H19"/>');
});

t.test('nothing at all', async (t) => {
  t.match(String(requestsPlot(requests({}))), /0 requests, 0 at most in one step, 0 failed"/);
  t.match(String(latencyPlot(requests({}))), /half of the requests within none/);
});

t.test('what is left of a span', async (t) => {
  const width = (share: number) => / class="rest" width="([\d.]+)"/.exec(String(leftBar(share, 'well')))?.[1];
  t.same([-1, 0, 0.333, 1, 2].map(width), ['0', '0', '33.3', '100', '100']);
});
