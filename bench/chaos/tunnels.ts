import { setTimeout as pause } from 'node:timers/promises';
import { bodyOf } from './bytes.ts';
import { hear, type Visit } from './clients.ts';
import { readAnswer } from './reading.ts';
import { order, see, wholeOf } from './requests.ts';
import { upgradeKinds } from './upgrades.ts';
import { dial, hangUp, patiently, put } from './world.ts';

/** Asks for another protocol and speaks it, as a WebSocket client does: what comes back must be what was sent. */
export const upgrading: Visit = async (world, dice, id) => {
  const line = await dial(world);
  const wanted = dice.pick(upgradeKinds);
  const fields = 'Connection: Upgrade\r\nUpgrade: chaos\r\n';
  const route = dice.pick(world.routes);
  const one = order(world.ledger, id(), dice, { route, kind: 'upgrading', method: 'GET', wanted, fields });
  const { asked } = one;
  // Behind a request that is refused its upgrade they would be the next request: they are none.
  const first = dice.one(4) ? bodyOf(asked.id, dice.pick([1, 500, 30_000])) : Buffer.alloc(0);
  put(line, Buffer.concat([wholeOf(one), first]));
  if (!line.sure) asked.standing = 'loose';
  const answer = await patiently('an upgrade has no answer', readAnswer(line.wire, 'GET'));
  if (answer !== undefined) see(world.ledger, asked, answer);
  if (answer?.status === 101) {
    const sent = [wanted === 'eager' ? Buffer.from(asked.id) : Buffer.alloc(0), first];
    for (let n = dice.pick([0, 1, 5]); n > 0; n -= 1) {
      const message = bodyOf(asked.id, dice.pick([1, 300, 20_000]));
      sent.push(message);
      put(line, message);
      await pause(dice.pick([0, 0, 10]));
    }
    if (dice.one(2)) line.wire.end();
    await Promise.race([line.wire.ended, pause(wanted === 'silent' && dice.one(2) ? 3_000 : 300)]);
    const came = line.wire.unread();
    if (!Buffer.concat(sent).subarray(0, came.length).equals(came)) {
      const text = `${JSON.stringify(came.toString('latin1').slice(0, 200))} came out of its tunnel`;
      world.ledger.broken({ rule: 'a tunnel carries what was put in', id: asked.id, route: route.name, text });
    }
  }
  await hangUp(line, dice);
};

/** Has a tunnel opened by CONNECT and asks inside of it, in plain HTTP as it should, or not. */
export const enclosing: Visit = async (world, dice, id) => {
  const line = await dial(world);
  const { ledger } = world;
  const route = world.routes.find(({ host }) => host !== undefined);
  if (route === undefined) throw new Error('no route has a host');
  const stranger = dice.one(5);
  const to = stranger ? 'stranger.test:443' : `${route.host}:80`;
  ledger.connects.sent += 1;
  put(line, `CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\n\r\n`);
  const answer = await patiently('CONNECT has no answer', readAnswer(line.wire, 'CONNECT'));
  if (answer !== undefined) ledger.connects.answered += 1;
  if (answer?.status === 200) {
    line.sure = true;
    if (stranger) ledger.broken({ rule: 'CONNECT leads to routes only', text: `${to} was answered 200` });
    const isTls = dice.one(6);
    if (isTls) {
      put(line, Buffer.from([22, 3, 1, 0, 100, 1, 0, 0, 96, 3, 3]));
      await patiently('TLS inside of CONNECT is not closed', line.wire.ended);
    }
    for (let n = isTls ? 0 : dice.pick([0, 1, 3]); n > 0; n -= 1) {
      const one = order(ledger, id(), dice, { route, kind: 'enclosed' });
      put(line, wholeOf(one));
      if (!(await hear(world, line, one))) break;
    }
  }
  await hangUp(line, dice);
};
