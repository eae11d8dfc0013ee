import t from 'tap';
import { sendEveryRow } from '../../fixtures/attacks/every-row.ts';
import { startPlace } from '../../fixtures/attacks/place.ts';

const place = await startPlace(t);

t.test('D11 requests for another protocol', (t) => sendEveryRow(t, place, 'upgrades'));

t.test('D16 CONNECT, and what is inside and behind', (t) => sendEveryRow(t, place, 'CONNECT'));

t.test('D20 D21 requests behind each other', (t) => sendEveryRow(t, place, 'pipelines'));

t.test('E13 much of something', (t) => sendEveryRow(t, place, 'floods'));
