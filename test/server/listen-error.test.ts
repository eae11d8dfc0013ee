import t from 'tap';
import { ListenError } from '../../src/server/listen-error.ts';

t.test("what Node's permission model forbids is told with the flag that allows it", async (t) => {
  const denied = Object.assign(new Error('Access to this API has been restricted'), { code: 'ERR_ACCESS_DENIED' });
  const address = new ListenError({ host: '127.0.0.1', port: 8080 }, 'listen', denied);
  t.match(address, {
    code: 'ERR_ACCESS_DENIED',
    message: /^127\.0\.0\.1:8080 is forbidden by .* without --allow-net$/,
  });
  const socket = new ListenError({ unix: '/run/p.sock', mode: 0o600 }, 'listen', denied);
  t.match(socket.message, /^unix:\/run\/p\.sock is forbidden by .* both --allow-fs-read and --allow-fs-write$/);
});
