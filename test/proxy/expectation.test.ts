import type { IncomingMessage } from 'node:http';
import t from 'tap';
import { expectsContinue } from '../../src/proxy/expectation.ts';

const request = (expect?: string, httpVersionMinor = 1): IncomingMessage =>
  ({ headers: { expect }, httpVersionMinor }) as unknown as IncomingMessage;

t.test('RFC 9110 section 10.1.1: what may be expected', async (t) => {
  t.notOk(expectsContinue(request()));
  t.notOk(expectsContinue(request('100-continue', 0)), 'HTTP/1.0 knows none');
  t.notOk(expectsContinue(request('more', 0)));
  for (const expect of ['100-continue', '100-Continue', '100-continue, 100-continue']) {
    t.ok(expectsContinue(request(expect)), expect);
  }
  for (const expect of ['more', '100-continue, more', '100-continue;q=1', 'x-100-continue']) {
    t.throws(
      () => expectsContinue(request(expect)),
      { code: 'bad-request', status: 417, source: 'downstream' },
      expect,
    );
  }
});
