import t from 'tap';
import { sendEveryRow } from '../../fixtures/attacks/every-row.ts';
import { startPlace } from '../../fixtures/attacks/place.ts';

const place = await startPlace(t);

t.test('D7 how long a body is by Content-Length', (t) => sendEveryRow(t, place, 'Content-Length'));

t.test('D7 how long a body is by Transfer-Encoding, and by both', (t) => sendEveryRow(t, place, 'Transfer-Encoding'));

t.test('D7 sizes, extensions and ends of chunks', (t) => sendEveryRow(t, place, 'chunks'));

t.test('D7 D9 what comes behind the last chunk', (t) => sendEveryRow(t, place, 'trailers'));
